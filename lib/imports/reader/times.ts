import type { ImportRejection } from '#lib/api/lists.ts'
import { DAY, MINUTE, SECOND } from '#lib/core/durations.ts'

/** Times of exports: instants, and local times that need a zone. */

/** Spotify did not exist before, and its users only imported older plays by mistake. */
const EARLIEST = Date.UTC(2006, 0, 1)

/** A time as written. `at` is its instant if it was in UTC. */
export interface WrittenTime {
  at: number
  /** Nothing says in which zone. */
  isLocal: boolean
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i
const NAMED = /^(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4}),? (\d\d):(\d\d)(?::(\d\d))?\s?(Z|UTC|GMT)?$/i
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const SECONDS = /^\d{9,10}(?:\.\d+)?$/
const MILLISECONDS = /^\d{12,13}$/

/** Numbers above this are milliseconds: as seconds they would be after the year 5000. */
const MAX_SECONDS = 1e11

/** Seconds or milliseconds since 1970 as milliseconds; null for what is neither. */
export function epochOf(value: number): number | null {
  return value > 0 && value < MAX_SECONDS * 1000 ? (value > MAX_SECONDS ? value : value * SECOND) : null
}

/** The milliseconds of calendar fields in UTC; null for 30 February and 25 o'clock. */
function millisecondsOf(year: number, month: number, day: number, hour: number, minute: number, second: number) {
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  // Date.UTC takes years below 100 for those of the 20th century.
  date.setUTCFullYear(year, month - 1, day)
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour
  return isReal && date.getUTCMinutes() === minute && second < 60 ? date.getTime() : null
}

function offsetOf(zone: string | undefined): number {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '') ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE
}

function readIso(text: string): WrittenTime | null {
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone] = ISO.exec(text) ?? []
  if (year === undefined) return null
  const [y, m, d, h, min, s] = [year, month, day, hour, minute, second].map(Number) as [number, ...number[]]
  const fields = millisecondsOf(y, m as number, d as number, h as number, min as number, s as number)
  if (fields === null) return null
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'))
  return { at: fields + ms - offsetOf(zone), isLocal: zone === undefined }
}

function readNamed(text: string): WrittenTime | null {
  const [, day, name = '', year, hour, minute, second = '0', zone] = NAMED.exec(text) ?? []
  const month = MONTHS.indexOf(name.toLowerCase()) + 1
  if (month === 0) return null
  const at = millisecondsOf(Number(year), month, Number(day), Number(hour), Number(minute), Number(second))
  return at === null ? null : { at, isLocal: zone === undefined }
}

/** Understands ISO 8601, "2018-07-12 14:01:05 UTC", "2018-07-12 14:01:05+00" of PostgreSQL, "23 Feb 2016, 17:59", and seconds or milliseconds since 1970. */
export function readTime(value: unknown): WrittenTime | null {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''
  if (SECONDS.test(text) || MILLISECONDS.test(text)) {
    const at = epochOf(Number(text))
    return at === null ? null : { at, isLocal: false }
  }
  return readIso(text) ?? readNamed(text)
}

/** Why nothing can have been played at an instant, or null. */
export function timeProblem(at: number, now: number): ImportRejection | null {
  if (at < EARLIEST) return 'before 2006'
  return at > now ? 'in the future' : null
}

/** The instant of an absolute time, checked. A text is the reason why it cannot be used. */
export function instantOf(value: unknown, now: number): number | ImportRejection {
  if (value === null || value === undefined || value === '') return 'no time'
  const time = readTime(value)
  return time === null ? 'time not readable' : (timeProblem(time.at, now) ?? time.at)
}

const QUARTER = 15 * MINUTE

/**
 * Makes a function from local times of a zone to instants. A time that occurs twice, when clocks are put back, is the
 * first of both; one that does not occur is as much later as clocks were put forward.
 * @param zone IANA name
 */
export function clockOf(zone: string): (local: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const known = new Map<number, number>()
  /** What the zone's clocks are ahead of UTC. It changes on quarters of an hour. */
  function offsetAt(at: number): number {
    const quarter = Math.floor(at / QUARTER)
    const found = known.get(quarter)
    if (found !== undefined) return found
    const parts = Object.fromEntries(
      format.formatToParts(quarter * QUARTER).map(({ type, value }) => [type, Number(value)]),
    )
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) - quarter * QUARTER
    known.set(quarter, offset)
    return offset
  }
  return (local) => {
    const day = Math.floor(local / DAY) * DAY
    const before = offsetAt(day - DAY)
    const after = offsetAt(day + 2 * DAY)
    const [first, second] = [local - before, local - after]
    return before === after || offsetAt(first) === before || offsetAt(second) !== after ? first : second
  }
}
