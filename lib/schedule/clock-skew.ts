import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { jitterOf } from '#lib/core/jitter.ts'
import { log } from '#lib/core/log.ts'
import { db, Prisma } from '#lib/db.ts'
import { plannedAt } from '#lib/planning.ts'
import type { StreamGroup } from '#lib/streams/stream.ts'
import { NEVER, nextDue } from './timetable.ts'

/**
 * A clock that was ahead and is put right again leaves instants that lie a day, a year ahead: schedules would not be
 * due, waits would not end, and what was read would count as newer than everything that follows.
 */

/** Clocks of several machines differ by seconds, and a tick may be late by as much. */
const TOLERATED_MS = 2 * MINUTE

/** Until when something waits or is held. */
const WAITS: [table: string, column: string][] = [
  ['Run', 'waitingUntil'],
  ['StreamRun', 'waitingUntil'],
  ['QuotaGroup', 'blockedUntil'],
  ['RequestLimit', 'blockedUntil'],
  ['SpotifyApp', 'probeAt'],
  ['Account', 'refreshingUntil'],
  ['WarehouseConnection', 'loadingUntil'],
  ['WarehouseConnection', 'loadAfter'],
  ['Message', 'nextAt'],
]

/** When something happened, where it decides what happens next or is shown beside what does. */
const DEEDS: [table: string, column: string][] = [
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
  ['Account', 'authorizedAt'],
  ['Trouble', 'beganAt'],
]

const BATCH = 500

/** Puts right what lies ahead, when the last tick of the plan does. @returns by how much the clock was put back */
export async function mindClock(now: Date): Promise<number> {
  const last = await plannedAt()
  const back = last ? last.getTime() - now.getTime() : 0
  if (back < TOLERATED_MS) return 0
  log.warn('the clock was put back', { minutes: Math.round(back / MINUTE) })
  for (const [table, column] of [...WAITS, ...DEEDS]) await moveBack(table, column, back, now)
  await db().requestSlot.deleteMany({ where: { startedAt: { gt: now } } })
  await moveHoursBack(back, now)
  await planAnew(now)
  return back
}

/** The names are our own; only what lies ahead moves, so that repeating it after a crash does no harm. */
async function moveBack(table: string, column: string, back: number, now: Date): Promise<void> {
  const [name, field] = [Prisma.raw(`"${table}"`), Prisma.raw(`"${column}"`)]
  await db().$executeRaw`
    update ${name} set ${field} = ${field} - make_interval(secs => ${back / 1000}::float8) where ${field} > ${now}`
}

/** What was asked in hours that lie ahead was asked lately, and counts with what is noted there already. */
async function moveHoursBack(back: number, now: Date): Promise<void> {
  const whole = Math.ceil(back / HOUR)
  await db().$executeRaw`
    with ahead as (delete from "QuotaHour" where hour > ${now} returning *)
    insert into "QuotaHour" as kept ("developerAccount", "group", hour, requests, refused)
    select "developerAccount", "group", hour - make_interval(hours => ${whole}::int), requests, refused from ahead
    on conflict ("developerAccount", "group", hour) do update
    set requests = kept.requests + excluded.requests, refused = kept.refused + excluded.refused`
}

/** Schedules go by the clock of their listener: they are due as if the listener had chosen them now. */
async function planAnew(now: Date): Promise<void> {
  for (let after = ''; ; ) {
    const schedules = await db().schedule.findMany({
      where: { id: { gt: after }, nextAt: { gt: now, lt: NEVER } },
      orderBy: { id: 'asc' },
      take: BATCH,
      include: { user: { select: { zone: true } } },
    })
    for (const { id, user, userId, group, nextAt, ...timetable } of schedules) {
      const asked = { zone: user.zone ?? 'UTC', jitter: jitterOf(userId), after: now, timetable }
      const next = nextDue(group as StreamGroup, asked)
      if (next < nextAt) await db().schedule.updateMany({ where: { id, nextAt }, data: { nextAt: next } })
    }
    const newest = schedules.at(-1)
    if (!newest || schedules.length < BATCH) return
    after = newest.id
  }
}
