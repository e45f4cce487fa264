import type { OrderedRun, Run, RunChoice } from '#lib/api/runs.ts'
import { recordAudit } from '#lib/audit.ts'
import { DAY, MINUTE, now, SECOND, toIso } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, Prisma, type Run as RunRow, type RunTrigger, type WarehouseConnection } from '#lib/db.ts'
import { requireSnowflake, snowflakeOf, startOver } from '#lib/load/connection/connect.ts'
import { findOrCreateLoadRun } from '#lib/load/external/load-run.ts'
import { scheduleNextLoad } from '#lib/load/external/load-session.ts'
import { retryFailedLoads } from '#lib/load/failure.ts'
import { namesOf, runResponse, type Viewer, visibleRun } from '#lib/runs/run-responses.ts'
import {
  ACTIVE,
  cancelRun,
  createRun,
  createRunIn,
  type RunOrder,
  type StreamRequest,
  takeStartable,
} from '#lib/runs/runs.ts'
import { availableStreams } from '#lib/schedule/plan.ts'
import { keepsEmbeddedCopies } from '#lib/storage/destinations.ts'
import { streams, titleOf } from '#lib/streams/index.ts'

/** Starts all runs except scheduled ones: first run, "Sync now", "Re-run", "Full re-sync", "Load now"; and cancels them. */

/** A stream read this recently is unlikely to have anything new. */
const RECENT_MS = 10 * MINUTE
/** Runs a listener may start by hand in 24 hours. Scheduled runs and re-runs of failed streams don't count. */
const MAX_RUNS_A_DAY = 12

/** An ordered run, and what the caller has to send for it. */
export interface NewRun {
  run: Run
  requests: StreamRequest[]
  /** Connections whose external load starts now. */
  connections: string[]
}

/** Streams that were requested but aren't part of the run, by title. */
export type SkippedStreams = Pick<OrderedRun, 'leftOut' | 'underWay'>

/** Orders a run without limits, of the named streams or of all that the listener's Spotify app can read. */
export async function orderRun(
  userId: string,
  trigger: RunTrigger,
  { instants, names }: { instants?: Date[]; names?: string[] } = {},
): Promise<RunRow | null> {
  return createRun({ userId, trigger, instants, streams: names ?? (await availableStreams(userId)) })
}

/**
 * "Sync now" skips streams that were read in the last 10 minutes; a full re-sync (`whole`) skips nothing.
 * @throws Refused 400 unknown stream, 409 if there is nothing to read, 429 if the daily limit is reached
 */
export async function runNow(viewer: Viewer, choice: RunChoice = {}): Promise<NewRun & SkippedStreams> {
  requireKnown(
    choice,
    streams.map(({ name }) => name),
  )
  await requireConsent(viewer.id)
  const requested = choice.streams ?? (await availableStreams(viewer.id))
  const recent = choice.whole ? new Map<string, Date>() : await recentlyRead(viewer.id, requested)
  const names = requested.filter((name) => !recent.has(name))
  if (names.length === 0) throw allRecentlyRead(recent)
  const run = await createManualRun(viewer, {
    userId: viewer.id,
    trigger: 'manual',
    streams: names,
    whole: choice.whole ? names : [],
  })
  await recordAudit(viewer.id, choice.whole ? 'started a full re-sync' : 'started a run', run.id)
  return { ...(await ordered(run)), ...(await skippedStreams(run, requested, recent)) }
}

/**
 * Runs the streams of an earlier run again, or some of them; a full re-sync stays one. Failed streams may always be run
 * again, any other re-run counts towards the daily limit. Re-running a load is the same as "Load now".
 * @throws Refused 400 for a stream that the run didn't have, 404, 409 if everything is already being read, 429
 */
export async function rerun(viewer: Viewer, id: string, choice: RunChoice = {}): Promise<NewRun & SkippedStreams> {
  const before = await visibleRun(viewer, id)
  if (before.kind === 'load') return { ...(await reload(viewer, before)), leftOut: [], underWay: [] }
  const { userId, streamRuns } = before
  await requireConsent(userId)
  const known = streamRuns.map(({ stream }) => stream).filter((name) => streams.some((stream) => stream.name === name))
  requireKnown(choice, known)
  const requested = choice.streams ?? known
  const whole = requested.filter(
    (name) => choice.whole || streamRuns.some((streamRun) => streamRun.whole && streamRun.stream === name),
  )
  const failed = whole.length === 0 ? await lastFailed(userId, requested) : new Set<string>()
  const isFree = failed.size > 0 && !viewer.isAdmin
  const recent = isFree
    ? await recentlyRead(
        userId,
        requested.filter((name) => !failed.has(name)),
      )
    : new Map<string, Date>()
  const names = requested.filter((name) => !recent.has(name))
  const run = await createManualRun(
    viewer,
    { userId, trigger: 'rerun', rerunOf: id, streams: names, whole, instants: unreadInstants(streamRuns) },
    isFree,
  )
  await retryFailedLoads(userId, requested)
  await recordAudit(viewer.id, 're-ran a run', id, { newRun: run.id })
  return { ...(await ordered(run)), ...(await skippedStreams(run, requested, recent)) }
}

/** The past days that a run's streams did not reach, for example because it was canceled. */
function unreadInstants(streamRuns: { instants: Date[] }[]): Date[] {
  const times = streamRuns.flatMap(({ instants }) => instants.map((instant) => instant.getTime()))
  return [...new Set(times)].toSorted((one, other) => one - other).map((time) => new Date(time))
}

async function reload(viewer: Viewer, { id, userId }: RunRow): Promise<NewRun> {
  await requireNotSuspended(userId)
  const connection = await requireSnowflake(userId)
  const run = await orderLoad(connection, { byUserId: viewer.id, rerunOf: id })
  return { ...(await ordered(run)), connections: [connection.id] }
}

/**
 * "Load now": loads what waits for the listener's own warehouse.
 * @param everything copies all tables again
 */
export async function loadNow(viewer: Viewer, everything: boolean): Promise<NewRun> {
  const connection = await requireSnowflake(viewer.id)
  const run = await orderLoad(connection, { byUserId: viewer.id, everything })
  return { ...(await ordered(run)), connections: [connection.id] }
}

/** Makes an external load due at once. Failed reads are retried, also if the connection needed the listener's attention. */
export async function orderLoad(
  connection: WarehouseConnection,
  { byUserId, everything = false, rerunOf }: { byUserId: string; everything?: boolean; rerunOf?: string },
): Promise<RunRow> {
  const { id } = connection
  if (everything && !keepsEmbeddedCopies())
    throw new Refused(
      409,
      'no-copy',
      'This installation keeps no local copy to load from',
      'Connect a different schema; everything read so far is then loaded there.',
    )
  await db().$transaction(async (tx) => {
    if (everything) await startOver(tx, connection, { keepCustom: true })
    await tx.loadLedger.updateMany({ where: { connectionId: id, state: 'failed' }, data: { state: 'waiting' } })
    await tx.warehouseConnection.update({
      where: { id },
      data: { loadAfter: null, ...(connection.state === 'failed' ? { state: 'waiting' } : {}) },
    })
  })
  const run = await findOrCreateLoadRun(connection, {
    trigger: rerunOf ? 'rerun' : 'manual',
    byUserId,
    ...(rerunOf ? { rerunOf } : {}),
  })
  await recordAudit(
    byUserId,
    everything ? 'loaded everything into Snowflake again' : 'started a load into Snowflake',
    run.id,
  )
  return run
}

/**
 * Cancels a run; one that has ended stays as it is.
 * @returns the run, and whether this call ended it: only then is its end to be announced
 * @throws Refused 404
 */
export async function cancel(viewer: Viewer, id: string): Promise<{ run: Run; isStopped: boolean }> {
  const before = await visibleRun(viewer, id)
  const isStopped = before.endedAt === null
  if (isStopped) {
    await cancelRun(id)
    const connection = before.kind === 'load' ? await snowflakeOf(before.userId) : null
    if (connection) await scheduleNextLoad(connection)
    await recordAudit(viewer.id, 'canceled a run', id)
  }
  const run = await visibleRun(viewer, id)
  return { run: runResponse(run, await namesOf([run])), isStopped }
}

async function ordered(run: RunRow): Promise<NewRun> {
  const requests = await takeStartable(run.id)
  const full = await db().run.findUniqueOrThrow({ where: { id: run.id }, include: { streamRuns: true } })
  return { run: runResponse(full, await namesOf([full])), requests, connections: [] }
}

/** The requested streams that were recently read, and those that an earlier run is still reading. */
async function skippedStreams(run: RunRow, requested: string[], recent: Map<string, Date>): Promise<SkippedStreams> {
  const { userId, id } = run
  const included = await db().streamRun.findMany({ where: { runId: id }, select: { stream: true } })
  const elsewhere = await db().streamRun.findMany({
    where: { userId, stream: { in: requested }, runId: { not: id }, state: { in: [...ACTIVE] } },
    orderBy: { id: 'desc' },
  })
  const missing = requested.filter((name) => !recent.has(name) && !included.some(({ stream }) => stream === name))
  const underWay = missing.flatMap((name) => {
    const active = elsewhere.find(({ stream }) => stream === name)
    return active ? { title: titleOf(name), run: active.runId, waitingUntil: toIso(active.waitingUntil) } : []
  })
  return { leftOut: requested.filter((name) => recent.has(name)).map(titleOf), underWay }
}

/**
 * Creates a run that a person ordered.
 * @param isFree doesn't count towards the daily limit
 * @throws Refused 409 if all of it is already being read, 429
 */
async function createManualRun(viewer: Viewer, order: RunOrder, isFree = false): Promise<RunRow> {
  const run = await db().$transaction(async (tx) => {
    // Admins have no limit.
    if (!isFree && !viewer.isAdmin) await requireRunLeft(tx, viewer.id)
    return createRunIn(tx, { ...order, byUserId: viewer.id })
  })
  if (run) return run
  throw new Refused(409, 'already-running', 'All of this is already being synced', 'Open Sync to follow it.')
}

/** @throws Refused 400 for an unknown stream, and for a full re-sync of anything but one stream */
function requireKnown({ streams: names, whole }: RunChoice, known: string[]): void {
  const unknown = names?.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new Refused(400, 'unknown-stream', `There is no stream "${unknown}"`, 'Omit "streams" to run all of them.')
  if (whole && names?.length !== 1)
    throw new Refused(
      400,
      'one-stream',
      'A full re-sync reads exactly one stream',
      'Name it: {"streams": ["…"], "whole": true}.',
    )
}

async function requireNotSuspended(userId: string): Promise<void> {
  if (await db().user.count({ where: { id: userId, suspendedAt: { not: null } } }))
    throw new Refused(409, 'suspended', 'This listener is suspended', 'Resume them on Admin first.')
}

async function requireConsent(userId: string): Promise<void> {
  await requireNotSuspended(userId)
  const account = await db().account.findFirst({ where: { userId, provider: 'spotify' } })
  if (account?.retryAt)
    throw new Refused(
      409,
      'no-consent',
      'Spotify refused the sign-in',
      'Tracklake will retry it. To resume right away, press "Reconnect" on Connections.',
    )
  if (account?.consent !== 'given')
    throw new Refused(409, 'no-consent', 'Spotify is not connected', 'Press "Reconnect" on Connections first.')
}

/** Those of the streams whose last stream run failed. One that was skipped doesn't count: it would be skipped again. */
async function lastFailed(userId: string, names: string[]): Promise<Set<string>> {
  const failed = await db().$queryRaw<{ stream: string }[]>(Prisma.sql`
    select requested.stream from unnest(${names}::text[]) as requested(stream)
    where ${failedBefore(Prisma.sql`${userId}`, Prisma.sql`requested.stream`, Prisma.sql`${now()}::timestamptz`)}`)
  return new Set(failed.map(({ stream }) => stream))
}

/** Whether the newest stream run that ended before an instant failed or was incomplete. */
function failedBefore(userId: Prisma.Sql, stream: Prisma.Sql, instant: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(
    select p.state in ('failed', 'incomplete') from "StreamRun" p
    where p."userId" = ${userId} and p.stream = ${stream} and p."endedAt" <= ${instant}
    order by p."endedAt" desc limit 1)`
}

/** Those of the streams that were read in the last 10 minutes, and when. */
async function recentlyRead(userId: string, names: string[]): Promise<Map<string, Date>> {
  // A time in the future comes from a clock that was set back; it isn't recent.
  const since = { gt: new Date(now().getTime() - RECENT_MS), lte: now() }
  const found = await db().streamRun.findMany({
    where: {
      userId,
      stream: { in: names },
      AND: [
        { OR: [{ state: { in: ['succeeded', 'nothing_new'] } }, { phase: 'loading' }] },
        { OR: [{ extractedAt: since }, { extractedAt: null, endedAt: since }] },
      ],
    },
    select: { stream: true, extractedAt: true, endedAt: true },
  })
  return new Map(found.map(({ stream, extractedAt, endedAt }) => [stream, extractedAt ?? endedAt ?? now()]))
}

function allRecentlyRead(recent: Map<string, Date>): Refused {
  const first = Math.min(...[...recent.values()].map((at) => at.getTime())) + RECENT_MS
  const minutes = Math.max(1, Math.ceil((first - now().getTime()) / MINUTE))
  return new Refused(
    409,
    'read-lately',
    'All of this was synced within the last 10 minutes',
    `Try again in ${minutes} min, or press "Full re-sync" next to a stream of the last run.`,
  )
}

/** Locks the listener's row, so that concurrent requests are counted one after the other. @throws Refused 429 */
async function requireRunLeft(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await tx.$queryRaw(Prisma.sql`select 1 from "User" where id = ${userId} for no key update`)
  const counted = await tx.$queryRaw<{ queuedAt: Date }[]>(Prisma.sql`
    select r."queuedAt" from "Run" r
    where r."userId" = ${userId} and r."byUserId" = ${userId} and r.kind = 'extract'
      and r."queuedAt" > ${new Date(now().getTime() - DAY)}
      and (r.trigger = 'manual' or r.trigger = 'rerun' and (
        exists (select 1 from "StreamRun" s where s."runId" = r.id and s.whole)
        or not exists (
          select 1 from "StreamRun" s where s."runId" = r.id
            and ${failedBefore(Prisma.sql`s."userId"`, Prisma.sql`s.stream`, Prisma.sql`r."queuedAt"`)})))
    order by r."queuedAt" desc limit ${MAX_RUNS_A_DAY}`)
  const oldest = counted[MAX_RUNS_A_DAY - 1]
  if (!oldest) return
  const next = new Date(oldest.queuedAt.getTime() + DAY)
  const at = next.toISOString().slice(0, 16).replace('T', ' ')
  throw new Refused(
    429,
    'runs-used-up',
    `You've started ${MAX_RUNS_A_DAY} syncs in the last 24 hours, the maximum`,
    `Scheduled syncs continue, and failed ones can still be re-run. You can start the next one at ${at} UTC.`,
    undefined,
    Math.max(1, Math.ceil((next.getTime() - now().getTime()) / SECOND)),
  )
}
