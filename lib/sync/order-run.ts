import type { OrderedRun, Run, RunChoice } from '#lib/api/runs.ts'
import { audit } from '#lib/audit.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, type Run as RunRow } from '#lib/db.ts'
import { orderLoad } from '#lib/load/connection/change.ts'
import { connectedSnowflake, snowflakeOf } from '#lib/load/connection/connect.ts'
import { moveOn } from '#lib/load/external/load-session.ts'
import { retryFailedLoads } from '#lib/load/failure.ts'
import { namesOf, runAnswer, type Viewer, visibleRun } from '#lib/runs/run-responses.ts'
import { ACTIVE, cancelRun, type StreamRequest, takeStartable } from '#lib/runs/runs.ts'
import { streamsOf } from '#lib/schedule/plan.ts'
import { streams, titleOf } from '#lib/streams/index.ts'
import { orderByHand, orderRerun, orderRunNow } from './manual-runs.ts'

/** What an ordered run needs next: its answer, and what to send. */
export interface NewRun {
  run: Run
  requests: StreamRequest[]
  /** Connections that shall be loaded. */
  connections: string[]
}

/** What of the order is not in the run, by title. */
export type LeftOut = Pick<OrderedRun, 'leftOut' | 'underWay'>

async function ordered(run: RunRow): Promise<NewRun> {
  const requests = await takeStartable(run.id)
  const full = await db().run.findUniqueOrThrow({ where: { id: run.id }, include: { streamRuns: true } })
  return { run: runAnswer(full, await namesOf([full])), requests, connections: [] }
}

/** What was asked and is not in the run: read a moment ago, or an earlier run is still at it or waits with it. */
async function without(run: RunRow, asked: string[], lately: string[]): Promise<LeftOut> {
  const { userId, id } = run
  const here = await db().streamRun.findMany({ where: { runId: id }, select: { stream: true } })
  const elsewhere = await db().streamRun.findMany({
    where: { userId, stream: { in: asked }, runId: { not: id }, state: { in: [...ACTIVE] } },
    orderBy: { id: 'desc' },
  })
  const missing = asked.filter((name) => !lately.includes(name) && !here.some(({ stream }) => stream === name))
  const underWay = missing.flatMap((name) => {
    const at = elsewhere.find(({ stream }) => stream === name)
    return at ? { title: titleOf(name), run: at.runId, waitingUntil: at.waitingUntil?.toISOString() ?? null } : []
  })
  return { leftOut: lately.map(titleOf), underWay }
}

/**
 * "Run now": everything that was not read a moment ago, or the named streams; `whole` reads one stream whole.
 * @throws Refused 400 unknown stream, 409 when nothing is left to read, 429 when the day's runs are used up
 */
export async function runNow(viewer: Viewer, choice: RunChoice = {}): Promise<NewRun & LeftOut> {
  const every = streams.map(({ name }) => name)
  requireKnown(choice, every)
  await requireConsent(viewer.id)
  const { streams: names, whole } = choice
  const asked = names ?? (await streamsOf(viewer.id))
  const { run, lately } = whole ? { run: await backfill(viewer, asked), lately: [] } : await orderRunNow(viewer, asked)
  if (!run) throw alreadyActive()
  await audit(viewer.id, whole ? 'started a backfill' : 'started a run', run.id)
  return { ...(await ordered(run)), ...(await without(run, asked, lately)) }
}

function backfill(viewer: Viewer, names: string[]): Promise<RunRow | null> {
  return orderByHand({ userId: viewer.id, trigger: 'manual', by: viewer, streams: names, whole: names })
}

/** @throws Refused 400 for a stream that is not there, and for a backfill of anything but one stream */
function requireKnown({ streams: names, whole }: RunChoice, known: string[]): void {
  const unknown = names?.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new Refused(
      400,
      'unknown-stream',
      `There is no stream "${unknown}"`,
      'Leave "streams" out to run all of them.',
    )
  if (whole && names?.length !== 1)
    throw new Refused(400, 'one-stream', 'A backfill reads one stream', 'Name it: {"streams": ["…"], "whole": true}.')
}

/**
 * The streams of an earlier run again, or some of them. Streams that could not be loaded are read anew; a backfill
 * stays one. It counts as "Run now" does, unless something of it went wrong. A load again is "Load now".
 * @throws Refused 400 for a stream that the run had not, 404, 409 while they are being read already, 429
 */
export async function rerun(viewer: Viewer, id: string, choice: RunChoice = {}): Promise<NewRun & LeftOut> {
  const before = await visibleRun(viewer, id)
  if (before.kind === 'load') return { ...(await reload(viewer, before)), leftOut: [], underWay: [] }
  await requireConsent(before.userId)
  const known = before.streamRuns
    .map(({ stream }) => stream)
    .filter((name) => streams.some((stream) => stream.name === name))
  requireKnown(choice, known)
  const names = choice.streams ?? known
  const backfilled = before.streamRuns.filter(({ whole }) => whole).map(({ stream }) => stream)
  const { run, lately } = await orderRerun({
    userId: before.userId,
    trigger: 'rerun',
    by: viewer,
    rerunOf: id,
    streams: names,
    whole: choice.whole ? names : names.filter((name) => backfilled.includes(name)),
  })
  if (!run) throw alreadyActive()
  await retryFailedLoads(before.userId, names)
  await audit(viewer.id, 're-ran a run', id, { newRun: run.id })
  return { ...(await ordered(run)), ...(await without(run, names, lately)) }
}

async function reload(viewer: Viewer, { id, userId }: RunRow): Promise<NewRun> {
  await requireActing(userId)
  const connection = await connectedSnowflake(userId)
  const run = await orderLoad(connection, { byUserId: viewer.id, rerunOf: id })
  return { ...(await ordered(run)), connections: [connection.id] }
}

/**
 * "Load now": what waits for the listener's own warehouse is loaded at once.
 * @param everything copies all tables again
 */
export async function loadNow(viewer: Viewer, everything: boolean): Promise<NewRun> {
  const connection = await connectedSnowflake(viewer.id)
  const run = await orderLoad(connection, { byUserId: viewer.id, everything })
  return { ...(await ordered(run)), connections: [connection.id] }
}

/**
 * Stops a run; one that ended already stays as it is.
 * @returns the run, and whether there was something to stop: only then an end is to be announced
 * @throws Refused 404
 */
export async function cancel(viewer: Viewer, id: string): Promise<{ run: Run; isStopped: boolean }> {
  const before = await visibleRun(viewer, id)
  const isStopped = before.endedAt === null
  if (isStopped) {
    await cancelRun(id)
    const connection = before.kind === 'load' ? await snowflakeOf(before.userId) : null
    if (connection) await moveOn(connection)
    await audit(viewer.id, 'cancelled a run', id)
  }
  const run = await visibleRun(viewer, id)
  return { run: runAnswer(run, await namesOf([run])), isStopped }
}

function alreadyActive(): Refused {
  return new Refused(
    409,
    'already-running',
    'All of this is being read right now',
    'Open Runs and watch the run that is under way.',
  )
}

async function requireActing(userId: string): Promise<void> {
  if (await db().user.count({ where: { id: userId, suspendedAt: { not: null } } }))
    throw new Refused(409, 'suspended', 'The listener is suspended', 'Resume them on Admin first.')
}

async function requireConsent(userId: string): Promise<void> {
  await requireActing(userId)
  const account = await db().account.findFirst({ where: { userId, provider: 'spotify', consent: 'given' } })
  if (!account)
    throw new Refused(409, 'no-consent', 'Spotify is not connected', 'Press "Reconnect" on Connections first.')
}
