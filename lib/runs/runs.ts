import { ulid } from 'ulid'
import type { LogLevel } from '#lib/api/lists.ts'
import { db, Prisma, type Run, type RunState, type RunTrigger, type StreamRun, type WaitReason } from '#lib/db.ts'
import { streamNamed, streams, titleOf } from '#lib/streams/index.ts'

/** Names one attempt of one stream run. */
export type Attempt = Pick<StreamRequest, 'streamRunId' | 'attempt'>

/** The payload of a stream event: ids only. */
export interface StreamRequest {
  streamRunId: string
  attempt: number
  listenerId: string
  /** The second part of an attempt: fetches past days once the current data is on the pages. */
  pastDays?: boolean
}

export const ACTIVE = ['queued', 'running', 'waiting'] as const satisfies RunState[]

/** States of a stream run that leave its run without some of the requested data. */
const INCOMPLETE: RunState[] = ['skipped', 'failed', 'incomplete']

/** Whether a stream run left its run without data that it could have had. */
function isIncomplete({ state, unavailable }: Pick<StreamRun, 'state' | 'unavailable'>): boolean {
  return INCOMPLETE.includes(state) && !unavailable
}

/** Those that another run may resolve. */
const FAILED: RunState[] = ['failed', 'incomplete']
const GOOD: RunState[] = ['succeeded', 'nothing_new']

/** Whether a stream run failed, wholly or in part, and no later run has read its stream since. */
export function isUnresolved({ state, recoveredAt }: Pick<StreamRun, 'state' | 'recoveredAt'>): boolean {
  return FAILED.includes(state) && recoveredAt === null
}

export interface RunOrder {
  userId: string
  trigger: RunTrigger
  byUserId?: string | null
  rerunOf?: string | null
  /** Stream names; all streams if omitted. */
  streams?: string[]
  /** Streams to read in full even if nothing changed. */
  whole?: string[]
  /** Past instants to fetch as well, for streams with daily partitions. Only the simulated Spotify has them. */
  instants?: Date[]
}

/**
 * Creates a run and its stream runs; the caller sends the events. A stream that is already being read for this listener
 * is skipped (by a unique index, so concurrent calls are safe). One that only waits for its load is read again: loads
 * keep their order.
 * @returns the new run, or null if every requested stream is already being read
 */
export function createRun(order: RunOrder): Promise<Run | null> {
  return db().$transaction((tx) => createRunIn(tx, order))
}

/** `createRun` inside the caller's transaction. */
export async function createRunIn(tx: Prisma.TransactionClient, order: RunOrder): Promise<Run | null> {
  const requested = order.streams ? order.streams.map(streamNamed) : streams
  const runId = ulid()
  await tx.run.create({
    data: {
      id: runId,
      userId: order.userId,
      kind: 'extract',
      trigger: order.trigger,
      byUserId: order.byUserId ?? null,
      rerunOf: order.rerunOf ?? null,
    },
  })
  const { count } = await tx.streamRun.createMany({
    data: requested.map((stream, position) => ({
      id: ulid(),
      runId,
      userId: order.userId,
      stream: stream.name,
      position,
      whole: order.whole?.includes(stream.name) ?? false,
      instants: stream.history?.kind === 'daily' && stream.group === 'top lists' ? (order.instants ?? []) : [],
    })),
    skipDuplicates: true,
  })
  if (count > 0) return tx.run.findUniqueOrThrow({ where: { id: runId } })
  await tx.run.delete({ where: { id: runId } })
  return null
}

/**
 * Whether a queued stream run has to wait for others: for the stream that lists its parts, or, once only its past days
 * are left, for all streams of its run.
 */
async function mustWait({ runId, userId, stream, extractedAt }: StreamRun): Promise<boolean> {
  const { partsOf } = streamNamed(stream)
  if (!extractedAt && !partsOf) return false
  const ahead = await db().streamRun.count({
    where: {
      ...(extractedAt ? { runId } : { userId, stream: partsOf?.stream ?? '' }),
      state: { in: [...ACTIVE] },
      extractedAt: null,
    },
  })
  return ahead > 0
}

/** The event payload for the current attempt of a stream run. */
export function requestOf({
  id,
  attempt,
  userId,
  extractedAt,
}: Pick<StreamRun, 'id' | 'attempt' | 'userId' | 'extractedAt'>): StreamRequest {
  return { streamRunId: id, attempt, listenerId: userId, ...(extractedAt ? { pastDays: true } : {}) }
}

/** Claims a run's queued stream runs that may start now, and marks them as sent. */
export async function takeStartable(runId: string): Promise<StreamRequest[]> {
  const queued = await db().streamRun.findMany({
    where: { runId, state: 'queued', sentAt: null },
    orderBy: { position: 'asc' },
  })
  const startable: StreamRequest[] = []
  for (const streamRun of queued) if (!(await mustWait(streamRun))) startable.push(requestOf(streamRun))
  await markSent(startable)
  return startable
}

/** Records that events were sent; the plan resends those that no job takes within a minute. */
export async function markSent(requests: StreamRequest[]): Promise<void> {
  await db().streamRun.updateMany({
    // Once a slice has started, sentAt identifies that slice.
    where: { id: { in: requests.map(({ streamRunId }) => streamRunId) }, state: 'queued' },
    data: { sentAt: new Date() },
  })
}

export interface StreamOutcome {
  state: Exclude<RunState, 'queued' | 'running' | 'waiting'>
  problem?: string | null
  remedy?: string | null
  /** Of a skipped stream: nobody can change that, so its run is complete without it. */
  unavailable?: boolean
}

const CANCELLED: StreamOutcome = { state: 'cancelled' }

/**
 * Ends a stream run and, if it was the last one, its run, in one transaction so that a crash can't separate the two.
 * Ending it twice changes nothing.
 * @param of only if this is still the current attempt or slice: a superseded slice must not end the stream run
 * @returns whether the run ended with it
 */
export async function endStreamRun(
  streamRunId: string,
  outcome: StreamOutcome,
  of: { attempt?: number; sentAt?: Date | null } = {},
): Promise<boolean> {
  const { runId, userId, stream } = await db().streamRun.findUniqueOrThrow({
    where: { id: streamRunId },
    select: { runId: true, userId: true, stream: true },
  })
  const { ended, runEnded } = await db().$transaction(async (tx) => {
    await lockRun(tx, runId)
    const { count } = await tx.streamRun.updateMany({
      where: { id: streamRunId, state: { in: [...ACTIVE] }, ...of },
      data: endedAs(outcome),
    })
    return { ended: count > 0, runEnded: await updateRunState(tx, runId) }
  })
  if (ended) await addLogLine(streamRunId, outcome.problem ? 'warn' : 'info', endMessage(outcome))
  if (ended && GOOD.includes(outcome.state)) await recordRecovered({ userId, stream, runId: { not: runId } })
  return runEnded
}

/** Marks failures of a stream in runs that are still open as resolved by another run. */
async function recordRecovered(where: Prisma.StreamRunWhereInput): Promise<void> {
  const recovered = await db().streamRun.updateManyAndReturn({
    where: { ...where, state: { in: FAILED }, recoveredAt: null, run: { endedAt: null } },
    data: { recoveredAt: new Date() },
    select: { runId: true },
  })
  for (const { runId } of recovered) await refreshRunState(runId)
}

/**
 * Fails a stream run whose job gave up after its last retry, unless a newer attempt is at work.
 * @returns the run, if it ended with this stream run
 */
export async function failStreamRun({ streamRunId, attempt }: Attempt, problem: string): Promise<string | null> {
  const streamRun = await db().streamRun.findUnique({ where: { id: streamRunId }, select: { runId: true } })
  if (!streamRun) return null
  const remedy = 'Everything read so far is kept. Press "Re-run" to continue from there.'
  const ended = await endStreamRun(streamRunId, { state: 'failed', problem, remedy }, { attempt })
  return ended ? streamRun.runId : null
}

function endedAs({ state, problem = null, remedy = null, unavailable = false }: StreamOutcome) {
  return { state, problem, remedy, unavailable, endedAt: new Date(), waitingUntil: null, waitReason: null, phase: null }
}

function endMessage({ state, problem }: StreamOutcome): string {
  const label = state.replace('_', ' ')
  return problem ? `Ended as ${label}: ${problem}.` : `Ended as ${label}.`
}

/** Derives the run's state from its stream runs. @returns whether it ended just now */
export async function refreshRunState(runId: string): Promise<boolean> {
  return db().$transaction(async (tx) => {
    await lockRun(tx, runId)
    return updateRunState(tx, runId)
  })
}

/** Changes how long a listener's stream runs wait for one reason. */
export async function moveWaits(userId: string, waitReason: WaitReason, until: Date): Promise<void> {
  const moved = await db().streamRun.updateManyAndReturn({
    where: { userId, state: 'waiting', waitReason },
    data: { waitingUntil: until },
    select: { runId: true },
  })
  for (const runId of new Set(moved.map((one) => one.runId))) await refreshRunState(runId)
}

/** If two stream runs end at once, one of them must see that it is the last. */
async function lockRun(tx: Prisma.TransactionClient, runId: string): Promise<void> {
  await tx.$queryRaw(Prisma.sql`select 1 from "Run" where id = ${runId} for update`)
}

async function updateRunState(tx: Prisma.TransactionClient, runId: string): Promise<boolean> {
  const run = await tx.run.findUnique({ where: { id: runId }, include: { streamRuns: true } })
  if (!run || run.endedAt) return false
  const active = run.streamRuns.filter(({ state }) => ACTIVE.some((one) => one === state))
  if (active.length === 0) {
    await tx.run.update({ where: { id: runId }, data: { ...finalState(run), endedAt: new Date(), waitingUntil: null } })
    return true
  }
  const until = active.flatMap(({ state, waitingUntil }) => (state === 'waiting' ? [waitingUntil?.getTime() ?? 0] : []))
  const waiting =
    until.length > 0 && active.every(({ state, sentAt }) => state === 'waiting' || isHeldBack(state, sentAt))
  const startedAt = run.startedAt ?? (active.every(({ state }) => state === 'queued') ? null : new Date())
  await tx.run.update({
    where: { id: runId },
    data: {
      state: waiting ? 'waiting' : startedAt ? 'running' : 'queued',
      startedAt,
      waitingUntil: waiting ? new Date(Math.min(...until)) : null,
      // A failed stream is shown right away, however long the others wait. A load has its own problem.
      ...(run.kind === 'extract' &&
        (problemOf(run.streamRuns.filter(isUnresolved)) ?? { problem: null, remedy: null })),
    },
  })
  return false
}

/** Not sent yet, because it waits for another stream. */
function isHeldBack(state: RunState, sentAt: Date | null): boolean {
  return state === 'queued' && sentAt === null
}

type RunWithStreams = Prisma.RunGetPayload<{ include: { streamRuns: true } }>

/**
 * The final state of a run, derived from its streams. It has the problem of the first stream that has one, and whether
 * anything still needs to be done about it.
 */
export function finalState({ cancelledAt, streamRuns }: RunWithStreams) {
  if (cancelledAt) return { state: 'cancelled' as const }
  const incomplete = streamRuns.filter(isIncomplete)
  if (incomplete.length === 0) {
    const fresh = streamRuns.some(({ state }) => state === 'succeeded')
    return { state: fresh ? ('succeeded' as const) : ('nothing_new' as const), problem: null, remedy: null }
  }
  const isFailed = incomplete.every(({ state }) => state === 'failed') && incomplete.length === streamRuns.length
  const left = problemOf(incomplete.filter(({ recoveredAt }) => recoveredAt === null))
  return {
    state: isFailed ? ('failed' as const) : ('incomplete' as const),
    ...(left ?? { ...problemOf(incomplete), remedy: 'Nothing to do: a later sync has read it.' }),
  }
}

/** The problem of the first of these streams, skipped ones last, and how many more there are; null for none. */
function problemOf(streamRuns: StreamRun[]): { problem: string; remedy: string | null } | null {
  const inOrder = streamRuns.toSorted((one, other) => one.position - other.position)
  const first = inOrder.find(({ state }) => state !== 'skipped') ?? inOrder[0]
  if (!first) return null
  const more = inOrder.length > 1 ? ` (and ${inOrder.length - 1} more)` : ''
  return { problem: `${titleOf(first.stream)}: ${first.problem ?? 'not complete'}${more}`, remedy: first.remedy }
}

/**
 * Cancels a run and its active stream runs; what was landed is kept, and the next run continues from there. One
 * transaction, because a stream run that a crash left active would keep its stream out of every later run.
 */
export async function cancelRun(runId: string): Promise<void> {
  const ended = await db().$transaction(async (tx) => {
    await lockRun(tx, runId)
    await tx.run.updateMany({ where: { id: runId, endedAt: null }, data: { cancelledAt: new Date() } })
    const ended = await tx.streamRun.updateManyAndReturn({
      where: { runId, state: { in: [...ACTIVE] } },
      data: endedAs(CANCELLED),
      select: { id: true },
    })
    await updateRunState(tx, runId)
    return ended
  })
  for (const { id } of ended) await addLogLine(id, 'info', endMessage(CANCELLED))
}

const MAX_LINES = 200

/** Adds a line to the log on the run's page. Never tokens or titles. */
export async function addLogLine(streamRunId: string, level: LogLevel, message: string): Promise<void> {
  const lines = await db().streamRunLine.count({ where: { streamRunId } })
  if (lines < MAX_LINES) await db().streamRunLine.create({ data: { streamRunId, level, message } })
}

/** Hands a stream run that is too long for one job to its next attempt. Calling it twice changes nothing. */
export async function nextAttempt({ streamRunId, attempt }: Attempt): Promise<StreamRequest | null> {
  await db().streamRun.updateMany({
    where: { id: streamRunId, attempt, state: 'running' },
    data: { attempt: attempt + 1 },
  })
  const next = await db().streamRun.findFirst({ where: { id: streamRunId, attempt: attempt + 1, state: 'running' } })
  return next ? requestOf(next) : null
}
