import { HOUR, MINUTE } from '../clock.ts'
import { db, type Prisma, type RunTrigger, type Schedule } from '../db.ts'
import { messageOf } from '../errors.ts'
import { log } from '../log.ts'
import { streams } from '../streams/index.ts'
import type { StreamGroup } from '../streams/stream.ts'
import { connectedDue, embeddedDue } from './destinations.ts'
import { BUSY_AFTER_MS, BUSY_PLAYS, NEVER, nextDue, PERISHABLE, PLANS, spreadOf } from './due.ts'
import { rebuildMissing } from './load.ts'
import { tidyLimits } from './request-limits.ts'
import {
  ACTIVE,
  cancelRun,
  createRun,
  markSent,
  requestOf,
  type StreamRequest,
  settleRun,
  takeStartable,
  writeRun,
} from './runs.ts'

/** What the planning tick found to do. */
export interface Planned {
  requests: StreamRequest[]
  connections: string[]
  /** Connected warehouses, which are loaded apart from the embedded ones. */
  connected: string[]
}

/** A queued stream run that nobody took for so long is sent again. */
const RESEND_AFTER_MS = MINUTE
/** A job that took no slice for so long is gone: an engine can lose its state. Should it come back, it finds itself late. */
const SILENT_MS = HOUR
const MOST_AT_ONCE = 500
/** Of one tick; an engine gives a tick up after 15 minutes, and 500 take a quarter of a minute. */
const MOST_BATCHES = 20

const GROUPS = Object.keys(PLANS) as StreamGroup[]

/** The streams of groups that the listener's Spotify app can have, as far as it is known. */
export async function streamsOf(userId: string, groups: StreamGroup[] = GROUPS): Promise<string[]> {
  const account = await db().account.findFirst({
    where: { userId, provider: 'spotify' },
    include: { spotifyApp: true },
  })
  const capabilities = (account?.spotifyApp?.capabilities ?? {}) as Record<string, boolean>
  return streams
    .filter(({ group, capability }) => groups.includes(group) && !(capability && capabilities[capability] === false))
    .map(({ name }) => name)
}

/** Starts a run of everything the listener can have, or of the named streams. */
export async function orderRun(
  userId: string,
  trigger: RunTrigger,
  { byUserId, instants, names }: { byUserId?: string; instants?: Date[]; names?: string[] } = {},
) {
  return createRun({ userId, trigger, byUserId, instants, streams: names ?? (await streamsOf(userId)) })
}

/** Gives a listener a schedule for every group; the first run covers them, so all start at their next time. */
export async function scheduleListener(userId: string, zone: string, now: Date): Promise<void> {
  for (const group of GROUPS) {
    const where = { userId_group: { userId, group } }
    const chosen = (await db().schedule.findUnique({ where })) ?? undefined
    const nextAt = nextDue(group, { zone, spread: spreadOf(userId), after: now, timetable: chosen })
    await db().schedule.upsert({
      where,
      create: { userId, group, nextAt },
      update: { nextAt },
    })
  }
}

/**
 * One planning tick: writes the runs that are due, takes up what waited or was lost, and says what to send.
 * Missed times are not made up; ticking twice at once writes nothing twice.
 */
export async function plan(now: Date): Promise<Planned> {
  await endSuspended()
  const requests = [...(await runsDue(now)), ...(await takenUp(now))]
  await settleForgotten()
  await tidyLimits(now)
  await rebuildMissing()
  return { requests, connections: await embeddedDue(), connected: await connectedDue() }
}

async function runsDue(now: Date): Promise<StreamRequest[]> {
  const requests: StreamRequest[] = []
  let last: DueSchedule | undefined
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const due = await dueAfter(last, now)
    requests.push(...(await startAll(due, now)))
    if (due.length < MOST_AT_ONCE) break
    last = due.at(-1)
  }
  return requests
}

interface DueSchedule extends Schedule {
  user: { zone: string | null }
}

/** What is due, the longest first; beyond `last`, so that what cannot be started is not met again. */
function dueAfter(last: DueSchedule | undefined, now: Date): Promise<DueSchedule[]> {
  return db().schedule.findMany({
    where: {
      nextAt: { lte: now },
      ...(last && { OR: [{ nextAt: { gt: last.nextAt } }, { nextAt: last.nextAt, id: { gt: last.id } }] }),
      paused: false,
      user: {
        erasingAt: null,
        suspendedAt: null,
        // While an app is paused nothing is asked through it; afterwards what was missed meanwhile is asked once.
        accounts: { some: { provider: 'spotify', consent: 'given', NOT: { spotifyApp: { problem: { not: null } } } } },
      },
    },
    orderBy: [{ nextAt: 'asc' }, { id: 'asc' }],
    take: MOST_AT_ONCE,
    include: { user: { select: { zone: true } } },
  })
}

async function startAll(due: DueSchedule[], now: Date): Promise<StreamRequest[]> {
  const byListener = Map.groupBy(due, ({ userId }) => userId)
  const requests: StreamRequest[] = []
  for (const [userId, schedules] of byListener) {
    try {
      requests.push(...(await startDue(userId, schedules, now)))
    } catch (thrown) {
      // One listener, deleted this very moment for example, must not cost the others their turn.
      log.error('a due run could not be planned', { userId, problem: messageOf(thrown) })
    }
  }
  return requests
}

/** Moves the times on and writes the run, both or neither; of two ticks at once only one does. */
async function startDue(userId: string, due: DueSchedule[], now: Date): Promise<StreamRequest[]> {
  const names = new Map<string, string[]>()
  for (const { group } of due) names.set(group, await streamsOf(userId, [group as StreamGroup]))
  const run = await db().$transaction(async (tx) => {
    const wanted: string[] = []
    for (const { user, ...schedule } of due) {
      const { id, group, nextAt } = schedule
      const asked = { zone: user.zone ?? 'UTC', spread: spreadOf(userId), after: now, timetable: schedule }
      const next = nextDue(group as StreamGroup, asked)
      const { count } = await tx.schedule.updateMany({ where: { id, nextAt }, data: { nextAt: next } })
      if (count === 1) wanted.push(...(names.get(group) ?? []))
    }
    return wanted.length > 0 ? writeRun(tx, { userId, trigger: 'schedule', streams: wanted }) : null
  })
  return run ? takeStartable(run.id) : []
}

/** Runs that were ordered while their listener was being suspended. */
async function endSuspended(): Promise<void> {
  const runs = await db().run.findMany({
    where: { endedAt: null, user: { suspendedAt: { not: null } } },
    select: { id: true },
    take: MOST_AT_ONCE,
  })
  for (const { id } of runs) await cancelRun(id)
}

/** Runs that a crash left open although all their streams ended, or although they were cancelled. */
async function settleForgotten(): Promise<void> {
  const forgotten = await db().run.findMany({
    where: {
      kind: 'extract',
      endedAt: null,
      OR: [{ streamRuns: { none: { state: { in: [...ACTIVE] } } } }, { cancelledAt: { not: null } }],
    },
    select: { id: true, cancelledAt: true },
    take: MOST_AT_ONCE,
  })
  for (const { id, cancelledAt } of forgotten) await (cancelledAt ? cancelRun(id) : settleRun(id))
}

/** Queued stream runs whose event was lost, waiting ones whose time has come, and running ones whose job vanished. */
export async function takenUp(now: Date): Promise<StreamRequest[]> {
  const lostSince = new Date(now.getTime() - RESEND_AFTER_MS)
  const silentSince = new Date(now.getTime() - SILENT_MS)
  const unsent = await db().run.findMany({
    where: { streamRuns: { some: { state: 'queued', sentAt: null, queuedAt: { lt: lostSince } } } },
    orderBy: { id: 'asc' },
    select: { id: true },
    take: MOST_AT_ONCE,
  })
  const started: StreamRequest[] = []
  for (const { id } of unsent) started.push(...(await takeStartable(id)))

  // The oldest of each kind: many of one must not keep those of another from going on.
  const lost = [
    ...(await oldest({ state: 'queued', sentAt: { lt: lostSince } }, 'sentAt')),
    // What is read waits for its load, which is asked for by itself.
    ...(await oldest(
      { state: 'waiting', waitingUntil: { lte: now }, OR: [{ phase: null }, { phase: 'extracting' }] },
      'waitingUntil',
    )),
    // In whatever phase: what is read whole and was not ended is ended, or loaded, by its next slice.
    ...(await oldest({ state: 'running', sentAt: { lt: silentSince } }, 'sentAt')),
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
    take: MOST_AT_ONCE,
  })
}

/** A busy hour: the next look at recently played comes sooner than planned. */
export async function bringForward(userId: string, newPlays: number, now: Date): Promise<void> {
  if (newPlays < BUSY_PLAYS) return
  const soon = new Date(now.getTime() + BUSY_AFTER_MS)
  await db().schedule.updateMany({
    where: { userId, group: PERISHABLE, nextAt: { gt: soon, lt: NEVER } },
    data: { nextAt: soon },
  })
}
