import { Cron } from 'croner'
import { MINUTE } from '#lib/core/clock.ts'
import { isZone } from '#lib/core/zones.ts'
import type { Schedule } from '#lib/db.ts'
import type { StreamGroup } from '#lib/streams/stream.ts'

/** What a listener chose for a group of streams; `kind` null is the group's own plan. */
export type Timetable = Pick<Schedule, 'kind' | 'fromHour' | 'toHour' | 'atMinute' | 'weekday'>

const DAILY: Timetable = { kind: 'daily', fromHour: 6, toHour: 24, atMinute: null, weekday: null }

/** When a group of streams is asked by itself as long as the listener chooses nothing else. */
export const PLANS: Record<StreamGroup, Timetable> = {
  'recently played': { ...DAILY, kind: 'every_30' },
  'top lists': DAILY,
  playlists: DAILY,
  library: DAILY,
  charts: DAILY,
}

/** The one group that cannot be fetched later: it is looked at outside waking hours too. */
export const PERISHABLE: StreamGroup = 'recently played'

/** A look with so many new plays is followed by the next one soon: Spotify forgets all but 50. */
export const BUSY_PLAYS = 30
export const BUSY_AFTER_MS = 10 * MINUTE

/** When something that is switched off is due next. */
export const NEVER = new Date('9999-12-31T00:00:00.000Z')

/** Where no time was chosen, listeners are spread over the hour that begins here. */
const QUIET_HOUR = 5
const SUNDAY = 7

export interface Asked {
  /** IANA zone of the listener. */
  zone: string
  /** Any number that stays the same for a listener: it spreads the listeners over the hour. */
  jitter: number
  after: Date
  /** The group's own plan when it is left out. */
  timetable?: Timetable
}

/** The plan that is in force for a group. */
export function planOf(group: StreamGroup, timetable?: Timetable): Timetable {
  return timetable?.kind ? timetable : PLANS[group]
}

/** When a group is due next. What was missed is not made up: only the time after `after` counts. */
export function nextDue(group: StreamGroup, { timetable, zone, ...other }: Asked): Date {
  const plan = planOf(group, timetable)
  const asked = { ...other, zone: knownZone(zone) }
  switch (plan.kind) {
    case 'off':
    case null:
      return NEVER
    case 'every_15':
      return nextLook(group, plan, asked, 1)
    case 'every_30':
      return nextLook(group, plan, asked, 2)
    case 'hourly':
      return nextQuarter(asked, (quarter) => quarter % 4 === 0)
    case 'daily':
      return nextAtTime(plan, asked, '*')
    case 'weekly':
      return nextAtTime(plan, asked, String(plan.weekday ?? SUNDAY))
  }
}

/** A time that the clock leaves out comes right after the gap, one that it shows twice comes once. */
function nextAtTime({ atMinute }: Timetable, { zone, jitter: spread, after }: Asked, weekday: string): Date {
  const minute = atMinute ?? QUIET_HOUR * 60 + (Math.abs(spread) % 60)
  const next = new Cron(`${minute % 60} ${Math.floor(minute / 60)} * * ${weekday}`, {
    timezone: zone,
    paused: true,
  }).nextRun(after)
  return next ?? NEVER
}

function nextLook(group: StreamGroup, { fromHour, toHour }: Timetable, asked: Asked, quarters: number): Date {
  const awake = (hour: number) =>
    fromHour < toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour
  const hourOf = hoursIn(asked.zone)
  return nextQuarter(asked, (quarter, at) => {
    if (quarter % quarters !== 0) return false
    return awake(hourOf(at)) || (group === PERISHABLE && quarter % 8 === 0)
  })
}

const QUARTER = 15 * MINUTE
/** A day whose clock leaves out the one waking hour lies between two looks. */
const MOST_QUARTERS = 3 * 24 * 4

/** Quarters of an hour of real time: no change of a clock doubles or drops one. */
function nextQuarter({ jitter: spread, after }: Asked, accepts: (quarter: number, at: number) => boolean): Date {
  const shift = (Math.abs(spread) % 60) * MINUTE
  const first = Math.floor((after.getTime() - shift) / QUARTER) + 1
  for (let quarter = first; quarter < first + MOST_QUARTERS; quarter++) {
    const at = shift + quarter * QUARTER
    if (accepts(quarter, at)) return new Date(at)
  }
  return NEVER
}

const known = new Map<string, boolean>()

/** A name that this machine knows no more must cost nobody a run: the times come by UTC. */
function knownZone(zone: string): string {
  const isKnown = known.get(zone) ?? isZone(zone)
  known.set(zone, isKnown)
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
