import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { jitterOf } from '#lib/core/jitter.ts'
import { log } from '#lib/core/log.ts'
import { db, Prisma } from '#lib/db.ts'
import { plannedAt } from '#lib/planning.ts'
import type { StreamGroup } from '#lib/streams/stream.ts'
import { NEVER, nextDue } from './timetable.ts'

/**
 * When a clock that was ahead is set back, stored times lie in the future, perhaps by a year: schedules wouldn't become
 * due, waits wouldn't end, and old data would count as newer than everything that follows.
 */

/** Clocks of different machines are seconds apart, and a tick can be as late. */
const TOLERATED_MS = 2 * MINUTE

/** Until when something waits or is blocked. */
const WAITS: [table: string, column: string][] = [
  ['Run', 'waitingUntil'],
  ['StreamRun', 'waitingUntil'],
  ['QuotaGroup', 'blockedUntil'],
  ['RequestLimit', 'blockedUntil'],
  ['SpotifyApp', 'probeAt'],
  ['CapabilityDenial', 'probeAt'],
  ['Account', 'refreshingUntil'],
  ['Account', 'retryAt'],
  ['WarehouseConnection', 'loadingUntil'],
  ['WarehouseConnection', 'loadAfter'],
  ['Message', 'nextAt'],
]

/** When something happened, if that decides what happens next. */
const EVENTS: [table: string, column: string][] = [
  ['Run', 'queuedAt'],
  ['Run', 'startedAt'],
  ['Run', 'endedAt'],
  ['StreamRun', 'queuedAt'],
  ['StreamRun', 'sentAt'],
  ['StreamRun', 'startedAt'],
  ['StreamRun', 'extractedAt'],
  ['StreamRun', 'endedAt'],
  ['StreamRead', 'syncedAt'],
  ['StreamRead', 'completedAt'],
  ['Poll', 'at'],
  ['RequestLimit', 'learnedAt'],
  ['QuotaGroup', 'learnedAt'],
  ['WarehouseConnection', 'loggedUntil'],
  ['WarehouseConnection', 'problemSince'],
  ['CapabilityDenial', 'refusedAt'],
  ['Account', 'authorizedAt'],
  ['Account', 'refusedAt'],
  ['Trouble', 'beganAt'],
]

const BATCH = 500

/** Corrects times in the future if the last planning tick is one of them. @returns by how many ms the clock was set back */
export async function correctClockSkew(now: Date): Promise<number> {
  const last = await plannedAt()
  const back = last ? last.getTime() - now.getTime() : 0
  if (back < TOLERATED_MS) return 0
  log.warn('the clock was set back', { minutes: Math.round(back / MINUTE) })
  for (const [table, column] of [...WAITS, ...EVENTS]) await moveBack(table, column, back, now)
  await db().requestSlot.deleteMany({ where: { startedAt: { gt: now } } })
  await moveHoursBack(back, now)
  await recomputeSchedules(now)
  return back
}

/** Moves only future times, so that repeating it after a crash does no harm. The names are constants, never input. */
async function moveBack(table: string, column: string, back: number, now: Date): Promise<void> {
  const [name, field] = [Prisma.raw(`"${table}"`), Prisma.raw(`"${column}"`)]
  await db().$executeRaw`
    update ${name} set ${field} = ${field} - make_interval(secs => ${back / 1000}::float8) where ${field} > ${now}`
}

/** Requests counted in future hours happened recently: adds them to the counts of those hours. */
async function moveHoursBack(back: number, now: Date): Promise<void> {
  const hours = Math.ceil(back / HOUR)
  await db().$executeRaw`
    with ahead as (delete from "QuotaHour" where hour > ${now} returning *)
    insert into "QuotaHour" as counted ("developerAccount", "group", hour, requests, refused)
    select "developerAccount", "group", hour - make_interval(hours => ${hours}::int), requests, refused from ahead
    on conflict ("developerAccount", "group", hour) do update
    set requests = counted.requests + excluded.requests, refused = counted.refused + excluded.refused`
}

/** Schedules follow the listener's local time, so they are recomputed as if they were saved now. */
async function recomputeSchedules(now: Date): Promise<void> {
  for (let after = ''; ; ) {
    const schedules = await db().schedule.findMany({
      where: { id: { gt: after }, nextAt: { gt: now, lt: NEVER } },
      orderBy: { id: 'asc' },
      take: BATCH,
      include: { user: { select: { zone: true } } },
    })
    for (const { id, user, userId, group, nextAt, ...timetable } of schedules) {
      const query = { zone: user.zone ?? 'UTC', jitter: jitterOf(userId), after: now, timetable }
      const next = nextDue(group as StreamGroup, query)
      if (next < nextAt) await db().schedule.updateMany({ where: { id, nextAt }, data: { nextAt: next } })
    }
    const newest = schedules.at(-1)
    if (!newest || schedules.length < BATCH) return
    after = newest.id
  }
}
