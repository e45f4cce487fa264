import { ulid } from 'ulid'
import { db, Prisma, type Run, type RunState, type RunTrigger, type StreamRun } from '../db.ts'
import { streamNamed, streams, titleOf } from '../streams/index.ts'

/** Names one attempt of one stream run. */
export type Attempt = Pick<StreamRequest, 'streamRunId' | 'attempt'>

/** What an event carries: it names one attempt of one stream run, and nothing of its content. */
export interface StreamRequest {
  streamRunId: string
  attempt: number
  listenerId: string
  /** The later part of an attempt: past days, asked once the present is on the pages. */
  pastDays?: boolean
}

export const ACTIVE = ['queued', 'running', 'waiting'] as const satisfies RunState[]

/** States that make a run *incomplete*: a part of what was asked is missing. */
const LACKING: RunState[] = ['skipped', 'failed', 'incomplete']

export interface RunOrder {
  userId: string
  trigger: RunTrigger
  byUserId?: string | null
  rerunOf?: string | null
  /** Stream names; all of them when left out. */
  streams?: string[]
  /** Those that are read whole, whatever their heads say. */
  whole?: string[]
  /** Past instants to ask too, for the streams that keep daily partitions; only the simulated Spotify answers them. */
  instants?: Date[]
}

/**
 * Writes a run and its stream runs; events are sent afterwards by whoever calls. A stream that is already being read
 * for this listener is left out: a unique index decides, so two askers at once are no trouble. One that is read and
 * waits for its load is not: what Spotify shows now is read now, and loads keep their order.
 * @returns the new run, or null when every stream asked for is already being read
 */
export function createRun(order: RunOrder): Promise<Run | null> {
  return db().$transaction((tx) => writeRun(tx, order))
}

/** createRun inside a transaction of the caller's. */
export async function writeRun(tx: Prisma.TransactionClient, order: RunOrder): Promise<Run | null> {
  const wanted = order.streams ? order.streams.map(streamNamed) : streams
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
    data: wanted.map((stream, position) => ({
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
 * Whether a queued stream run has to let others go first: its parts come from a stream that is still being read, or it
 * is on the pages already and only its past days are left.
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

/** The event of a stream run as it stands. */
export function requestOf({
  id,
  attempt,
  userId,
  extractedAt,
}: Pick<StreamRun, 'id' | 'attempt' | 'userId' | 'extractedAt'>): StreamRequest {
  return { streamRunId: id, attempt, listenerId: userId, ...(extractedAt ? { pastDays: true } : {}) }
}

/** The queued stream runs of a run that may start now, marked as sent. */
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

/** Notes that events were sent; plan sends again what nobody took within a minute. */
export async function markSent(requests: StreamRequest[]): Promise<void> {
  await db().streamRun.updateMany({
    // One that was taken meanwhile has the mark of its slice there.
    where: { id: { in: requests.map(({ streamRunId }) => streamRunId) }, state: 'queued' },
    data: { sentAt: new Date() },
  })
}

export interface StreamOutcome {
  state: Exclude<RunState, 'queued' | 'running' | 'waiting'>
  problem?: string | null
  remedy?: string | null
}

const CANCELLED: StreamOutcome = { state: 'cancelled' }

/**
 * Ends a stream run and, with its last one, the run: both or neither, so that no crash leaves a run without an end.
 * Ending it twice changes nothing.
 * @param of only while it is this attempt, or this slice of it: who was taken over ends nothing
 * @returns whether the run ended by it
 */
export async function endStreamRun(
  streamRunId: string,
  outcome: StreamOutcome,
  of: { attempt?: number; sentAt?: Date | null } = {},
): Promise<boolean> {
  const { runId } = await db().streamRun.findUniqueOrThrow({ where: { id: streamRunId }, select: { runId: true } })
  const { ended, settled } = await db().$transaction(async (tx) => {
    await lockRun(tx, runId)
    const { count } = await tx.streamRun.updateMany({
      where: { id: streamRunId, state: { in: [...ACTIVE] }, ...of },
      data: endOf(outcome),
    })
    return { ended: count > 0, settled: await settle(tx, runId) }
  })
  if (ended) await note(streamRunId, outcome.problem ? 'warn' : 'info', endingSentence(outcome))
  return settled
}

function endOf({ state, problem = null, remedy = null }: StreamOutcome) {
  return { state, problem, remedy, endedAt: new Date(), waitingUntil: null, waitReason: null, phase: null }
}

function endingSentence({ state, problem }: StreamOutcome): string {
  const word = state.replace('_', ' ')
  return problem ? `Ended as ${word}: ${problem}.` : `Ended as ${word}.`
}

/** Brings the run's state in line with its stream runs. @returns whether it ended just now */
export async function settleRun(runId: string): Promise<boolean> {
  return db().$transaction(async (tx) => {
    await lockRun(tx, runId)
    return settle(tx, runId)
  })
}

/** Two stream runs that end at once must not both think that the other one goes on. */
async function lockRun(tx: Prisma.TransactionClient, runId: string): Promise<void> {
  await tx.$queryRaw(Prisma.sql`select 1 from "Run" where id = ${runId} for update`)
}

async function settle(tx: Prisma.TransactionClient, runId: string): Promise<boolean> {
  const run = await tx.run.findUnique({ where: { id: runId }, include: { streamRuns: true } })
  if (!run || run.endedAt) return false
  const active = run.streamRuns.filter(({ state }) => ACTIVE.some((word) => word === state))
  if (active.length === 0) {
    await tx.run.update({ where: { id: runId }, data: { ...finalState(run), endedAt: new Date(), waitingUntil: null } })
    return true
  }
  const until = active.flatMap(({ state, waitingUntil }) => (state === 'waiting' ? [waitingUntil?.getTime() ?? 0] : []))
  // What nobody was asked for yet follows one that waits.
  const waiting =
    until.length > 0 && active.every(({ state, sentAt }) => state === 'waiting' || isHeldBack(state, sentAt))
  const startedAt = run.startedAt ?? (active.every(({ state }) => state === 'queued') ? null : new Date())
  await tx.run.update({
    where: { id: runId },
    data: {
      state: waiting ? 'waiting' : startedAt ? 'running' : 'queued',
      startedAt,
      waitingUntil: waiting ? new Date(Math.min(...until)) : null,
    },
  })
  return false
}

function isHeldBack(state: RunState, sentAt: Date | null): boolean {
  return state === 'queued' && sentAt === null
}

/** How a run ends, by how its streams ended; of several problems it is the one of the stream that stands first. */
export function finalState({ cancelledAt, streamRuns }: Prisma.RunGetPayload<{ include: { streamRuns: true } }>) {
  if (cancelledAt) return { state: 'cancelled' as const }
  const lacking = streamRuns
    .filter(({ state }) => LACKING.includes(state))
    .toSorted((one, other) => one.position - other.position)
  if (lacking.length === 0) {
    const fresh = streamRuns.some(({ state }) => state === 'succeeded')
    return { state: fresh ? ('succeeded' as const) : ('nothing_new' as const) }
  }
  const first = lacking.find(({ state }) => state !== 'skipped') ?? lacking[0]
  const more = lacking.length > 1 ? ` (and ${lacking.length - 1} more)` : ''
  const title = first ? titleOf(first.stream) : ''
  return {
    state:
      lacking.every(({ state }) => state === 'failed') && lacking.length === streamRuns.length
        ? ('failed' as const)
        : ('incomplete' as const),
    problem: `${title}: ${first?.problem ?? 'not complete'}${more}`,
    remedy: first?.remedy ?? null,
  }
}

/**
 * Ends everything of a run that is still under way; what was landed stays and the next run goes on from there. In one
 * transaction: a stream run left active by a crash would keep its stream out of every later run.
 */
export async function cancelRun(runId: string): Promise<void> {
  const ended = await db().$transaction(async (tx) => {
    await lockRun(tx, runId)
    await tx.run.updateMany({ where: { id: runId, endedAt: null }, data: { cancelledAt: new Date() } })
    const ended = await tx.streamRun.updateManyAndReturn({
      where: { runId, state: { in: [...ACTIVE] } },
      data: endOf(CANCELLED),
      select: { id: true },
    })
    await settle(tx, runId)
    return ended
  })
  for (const { id } of ended) await note(id, 'info', endingSentence(CANCELLED))
}

const MOST_LINES = 200

/** A log line that a person may read on the run's page. Never tokens, never titles. */
export async function note(streamRunId: string, level: 'info' | 'warn', message: string): Promise<void> {
  const lines = await db().streamRunLine.count({ where: { streamRunId } })
  if (lines < MOST_LINES) await db().streamRunLine.create({ data: { streamRunId, level, message } })
}

/** A stream run that is longer than one job may be, goes on as its next attempt. Asking twice changes nothing. */
export async function nextAttempt({ streamRunId, attempt }: Attempt): Promise<StreamRequest | null> {
  await db().streamRun.updateMany({
    where: { id: streamRunId, attempt, state: 'running' },
    data: { attempt: attempt + 1 },
  })
  const next = await db().streamRun.findFirst({ where: { id: streamRunId, attempt: attempt + 1, state: 'running' } })
  return next ? requestOf(next) : null
}
