import { MINUTE } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { jitterOf } from '#lib/core/jitter.ts'
import { log } from '#lib/core/log.ts'
import { db, type Prisma, type Schedule } from '#lib/db.ts'
import { markNewDays } from '#lib/load/build.ts'
import { rebuildMissing } from '#lib/load/load.ts'
import { isAvailable } from '#lib/quota/capabilities.ts'
import { tidyLimits } from '#lib/quota/request-limits.ts'
import { hasLostJob } from '#lib/runs/lost-jobs.ts'
import {
  ACTIVE,
  cancelRun,
  createRunIn,
  markSent,
  refreshRunState,
  requestOf,
  type StreamRequest,
  takeStartable,
} from '#lib/runs/runs.ts'
import { embeddedDue, externalDue } from '#lib/storage/destinations.ts'
import { streams } from '#lib/streams/index.ts'
import type { StreamGroup } from '#lib/streams/stream.ts'
import { BUSY_AFTER_MS, BUSY_PLAYS, NEVER, nextDue, PERISHABLE, PLANS } from './timetable.ts'

/** What a planning tick has found to send. */
export interface Planned {
  requests: StreamRequest[]
  /** Embedded warehouses to load. */
  connections: string[]
  /** Connections whose external load is due. */
  externalLoads: string[]
}

/** A queued stream run that no job has taken after this time is sent again. */
const RESEND_AFTER_MS = MINUTE
const MAX_AT_ONCE = 500
/** Per tick: an engine gives up on a tick after 15 minutes, and one batch takes about 15 seconds. */
const MAX_BATCHES = 20

const GROUPS = Object.keys(PLANS) as StreamGroup[]

/** The streams of these groups, except those that the listener's Spotify app is known to have no access to. */
export async function availableStreams(userId: string, groups: StreamGroup[] = GROUPS): Promise<string[]> {
  const account = await db().account.findFirst({
    where: { userId, provider: 'spotify' },
    include: { spotifyApp: true },
  })
  return streams
    .filter((stream) => groups.includes(stream.group) && isAvailable(stream, account?.spotifyApp))
    .map(({ name }) => name)
}

/** Gives a listener a schedule for every group, starting at its next time: the first run covers everything until then. */
export async function scheduleListener(userId: string, zone: string, now: Date): Promise<void> {
  for (const group of GROUPS) {
    const where = { userId_group: { userId, group } }
    const chosen = (await db().schedule.findUnique({ where })) ?? undefined
    const nextAt = nextDue(group, { zone, jitter: jitterOf(userId), after: now, timetable: chosen })
    await db().schedule.upsert({
      where,
      create: { userId, group, nextAt },
      update: { nextAt },
    })
  }
}

/**
 * One planning tick: creates the runs that are due, recovers stream runs that waited or were lost, and returns what to
 * send. Missed times are not made up. Two ticks at once create nothing twice.
 */
export async function plan(now: Date): Promise<Planned> {
  await endSuspended()
  const requests = [...(await runsDue(now)), ...(await recoverStreamRuns(now))]
  await endForgotten()
  await tidyLimits(now)
  await rebuildMissing()
  await markNewDays(now)
  return { requests, connections: await embeddedDue(), externalLoads: await externalDue() }
}

async function runsDue(now: Date): Promise<StreamRequest[]> {
  const requests: StreamRequest[] = []
  let last: DueSchedule | undefined
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const due = await dueAfter(last, now)
    requests.push(...(await startAll(due, now)))
    if (due.length < MAX_AT_ONCE) break
    last = due.at(-1)
  }
  return requests
}

interface DueSchedule extends Schedule {
  user: { zone: string | null }
}

/** Due schedules, longest overdue first; only those after `last`, so that one that can't start is not retried in this tick. */
function dueAfter(last: DueSchedule | undefined, now: Date): Promise<DueSchedule[]> {
  return db().schedule.findMany({
    where: {
      nextAt: { lte: now },
      ...(last && { OR: [{ nextAt: { gt: last.nextAt } }, { nextAt: last.nextAt, id: { gt: last.id } }] }),
      paused: false,
      user: {
        erasingAt: null,
        suspendedAt: null,
        // A paused app and a refused sign-in get no requests. Once they work again, everything that was missed is
        // fetched once.
        accounts: {
          some: {
            provider: 'spotify',
            consent: 'given',
            retryAt: null,
            NOT: { spotifyApp: { problem: { not: null } } },
          },
        },
      },
    },
    orderBy: [{ nextAt: 'asc' }, { id: 'asc' }],
    take: MAX_AT_ONCE,
    include: { user: { select: { zone: true } } },
  })
}

async function startAll(due: DueSchedule[], now: Date): Promise<StreamRequest[]> {
  const byListener = Map.groupBy(due, ({ userId }) => userId)
  const requests: StreamRequest[] = []
  for (const [userId, schedules] of byListener) {
    try {
      requests.push(...(await startDue(userId, schedules, now)))
    } catch (error) {
      // One listener, for example one being deleted right now, must not block the others.
      log.error('a due run could not be planned', { userId, problem: messageOf(error) })
    }
  }
  return requests
}

/** Sets the next times and creates the run in one transaction; of two ticks at once only one succeeds. */
async function startDue(userId: string, due: DueSchedule[], now: Date): Promise<StreamRequest[]> {
  const names = new Map<string, string[]>()
  for (const { group } of due) names.set(group, await availableStreams(userId, [group as StreamGroup]))
  const run = await db().$transaction(async (tx) => {
    const streamNames: string[] = []
    for (const { user, ...schedule } of due) {
      const { id, group, nextAt } = schedule
      const query = { zone: user.zone ?? 'UTC', jitter: jitterOf(userId), after: now, timetable: schedule }
      const next = nextDue(group as StreamGroup, query)
      const { count } = await tx.schedule.updateMany({ where: { id, nextAt }, data: { nextAt: next } })
      if (count === 1) streamNames.push(...(names.get(group) ?? []))
    }
    return streamNames.length > 0 ? createRunIn(tx, { userId, trigger: 'schedule', streams: streamNames }) : null
  })
  return run ? takeStartable(run.id) : []
}

/** Cancels runs that were created while their listener was being suspended. */
async function endSuspended(): Promise<void> {
  const runs = await db().run.findMany({
    where: { endedAt: null, user: { suspendedAt: { not: null } } },
    select: { id: true },
    take: MAX_AT_ONCE,
  })
  for (const { id } of runs) await cancelRun(id)
}

/** Ends runs that a crash left open although all their streams ended or they were cancelled. */
async function endForgotten(): Promise<void> {
  const forgotten = await db().run.findMany({
    where: {
      kind: 'extract',
      endedAt: null,
      OR: [{ streamRuns: { none: { state: { in: [...ACTIVE] } } } }, { cancelledAt: { not: null } }],
    },
    select: { id: true, cancelledAt: true },
    take: MAX_AT_ONCE,
  })
  for (const { id, cancelledAt } of forgotten) await (cancelledAt ? cancelRun(id) : refreshRunState(id))
}

/**
 * Restarts queued stream runs whose event was lost, waiting ones whose time has come, and running ones whose job vanished.
 * @param of only one listener's
 * @returns what to send
 */
export async function recoverStreamRuns(now: Date, of: { userId?: string } = {}): Promise<StreamRequest[]> {
  const lostSince = new Date(now.getTime() - RESEND_AFTER_MS)
  const unsent = await db().run.findMany({
    where: { ...of, streamRuns: { some: { state: 'queued', sentAt: null, queuedAt: { lt: lostSince } } } },
    orderBy: { id: 'asc' },
    select: { id: true },
    take: MAX_AT_ONCE,
  })
  const started: StreamRequest[] = []
  for (const { id } of unsent) started.push(...(await takeStartable(id)))

  // The oldest of each kind, so that many of one kind can't starve the others.
  const lost = [
    ...(await oldest({ ...of, state: 'queued', sentAt: { lt: lostSince } }, 'sentAt')),
    // A stream run in the loading phase waits for its load, which is requested separately.
    ...(await oldest(
      { ...of, state: 'waiting', waitingUntil: { lte: now }, OR: [{ phase: null }, { phase: 'extracting' }] },
      'waitingUntil',
    )),
    // In any phase: if everything is read already, the next slice ends the stream run or has it loaded.
    ...(await oldest({ ...of, ...(await hasLostJob(now)) }, 'sentAt')),
  ]
  const again = lost.map((streamRun) =>
    requestOf({ ...streamRun, attempt: streamRun.attempt + (streamRun.state === 'queued' ? 0 : 1) }),
  )
  for (const { streamRunId, attempt } of again) {
    await db().streamRun.updateMany({
      where: { id: streamRunId, state: { in: ['waiting', 'running'] }, attempt: attempt - 1 },
      data: { state: 'queued', attempt, waitingUntil: null, waitReason: null },
    })
  }
  await markSent(again)
  return [...started, ...again]
}

function oldest(where: Prisma.StreamRunWhereInput, by: 'sentAt' | 'waitingUntil') {
  return db().streamRun.findMany({
    where,
    orderBy: { [by]: 'asc' },
    select: { id: true, attempt: true, userId: true, state: true, extractedAt: true },
    take: MAX_AT_ONCE,
  })
}

/** After a busy hour, polls recently played sooner than planned. */
export async function bringForward(userId: string, newPlays: number, now: Date): Promise<void> {
  if (newPlays < BUSY_PLAYS) return
  const soon = new Date(now.getTime() + BUSY_AFTER_MS)
  await db().schedule.updateMany({
    where: { userId, group: PERISHABLE, nextAt: { gt: soon, lt: NEVER } },
    data: { nextAt: soon },
  })
}
