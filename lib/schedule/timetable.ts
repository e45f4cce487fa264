import { Cron } from 'croner'
import { MINUTE } from '#lib/core/clock.ts'
import { isZone } from '#lib/core/zones.ts'
import type { Schedule } from '#lib/db.ts'
import type { StreamGroup } from '#lib/streams/stream.ts'

/** A listener's schedule for a group of streams; `kind` null means the recommended one. */
export type Timetable = Pick<Schedule, 'kind' | 'fromHour' | 'toHour' | 'atMinute' | 'weekday'>

const DAILY: Timetable = { kind: 'daily', fromHour: 6, toHour: 24, atMinute: null, weekday: null }

/** The recommended schedules. */
export const PLANS: Record<StreamGroup, Timetable> = {
  'recently played': { ...DAILY, kind: 'every_30' },
  'top lists': DAILY,
  playlists: DAILY,
  library: DAILY,
  charts: DAILY,
}

/** The one group that can't be fetched later, so it is also polled outside waking hours. */
export const PERISHABLE: StreamGroup = 'recently played'

/** A poll with this many new plays is followed by another one soon: Spotify keeps only the last 50. */
export const BUSY_PLAYS = 30
export const BUSY_AFTER_MS = 10 * MINUTE

/** When a schedule that is off is due next. */
export const NEVER = new Date('9999-12-31T00:00:00.000Z')

/** Without a chosen time, listeners are spread over the hour that starts here. */
const QUIET_HOUR = 5
const SUNDAY = 7

export interface DueQuery {
  /** IANA zone of the listener. */
  zone: string
  /** A number that is constant per listener and spreads listeners over the hour. */
  jitter: number
  after: Date
  /** The recommended one if omitted. */
  timetable?: Timetable
}

/** The schedule in effect for a group. */
export function planOf(group: StreamGroup, timetable?: Timetable): Timetable {
  return timetable?.kind ? timetable : PLANS[group]
}

/** When a group is due next after `after`; missed times are not made up. */
export function nextDue(group: StreamGroup, { timetable, zone, ...other }: DueQuery): Date {
  const plan = planOf(group, timetable)
  const query = { ...other, zone: knownZone(zone) }
  switch (plan.kind) {
    case 'off':
    case null:
      return NEVER
    case 'every_15':
      return nextPoll(group, plan, query, 1)
    case 'every_30':
      return nextPoll(group, plan, query, 2)
    case 'hourly':
      return nextQuarter(query, (quarter) => quarter % 4 === 0)
    case 'daily':
      return nextAtTime(plan, query, '*')
    case 'weekly':
      return nextAtTime(plan, query, String(plan.weekday ?? SUNDAY))
  }
}

/** Across a clock change, a time that is skipped runs right after the gap and one that repeats runs once. */
function nextAtTime({ atMinute }: Timetable, { zone, jitter, after }: DueQuery, weekday: string): Date {
  const minute = atMinute ?? QUIET_HOUR * 60 + (Math.abs(jitter) % 60)
  const next = new Cron(`${minute % 60} ${Math.floor(minute / 60)} * * ${weekday}`, {
    timezone: zone,
    paused: true,
  }).nextRun(after)
  return next ?? NEVER
}

function nextPoll(group: StreamGroup, { fromHour, toHour }: Timetable, query: DueQuery, quarters: number): Date {
  const awake = (hour: number) =>
    fromHour < toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour
  const hourOf = hoursIn(query.zone)
  return nextQuarter(query, (quarter, at) => {
    if (quarter % quarters !== 0) return false
    return awake(hourOf(at)) || (group === PERISHABLE && quarter % 8 === 0)
  })
}

const QUARTER = 15 * MINUTE
/** If a clock change skips the only waking hour, two polls are more than a day apart. */
const MAX_QUARTERS = 3 * 24 * 4

/** Counts quarters of an hour in real time, so a clock change neither doubles nor drops one. */
function nextQuarter({ jitter, after }: DueQuery, accepts: (quarter: number, at: number) => boolean): Date {
  const shift = (Math.abs(jitter) % 60) * MINUTE
  const first = Math.floor((after.getTime() - shift) / QUARTER) + 1
  for (let quarter = first; quarter < first + MAX_QUARTERS; quarter++) {
    const at = shift + quarter * QUARTER
    if (accepts(quarter, at)) return new Date(at)
  }
  return NEVER
}

const zones = new Map<string, boolean>()

/** UTC for a zone that this machine no longer knows, so that the listener still gets runs. */
function knownZone(zone: string): string {
  const isKnown = zones.get(zone) ?? isZone(zone)
  zones.set(zone, isKnown)
  return isKnown ? zone : 'UTC'
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** The hour that clocks in a zone show at an instant. */
function hoursIn(zone: string): (at: number) => number {
  const clock =
    clocks.get(zone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' })
  clocks.set(zone, clock)
  return (at) => Number(clock.format(at))
}
