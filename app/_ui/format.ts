import { DAY, HOUR, MINUTE, SECOND } from '#lib/core/durations.ts'

/** Numbers in the browser's locale, dates in the language of the pages, times in the listener's zone. */

const LANGUAGE = 'en-GB'

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })
const fine = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 })

export function formatNumber(value: number): string {
  return whole.format(value)
}

/** Listening time: minutes up to 999, then hours. */
export function listeningTime(minutes: number): { value: string; unit: string } {
  return minutes <= 999
    ? { value: whole.format(minutes), unit: 'min' }
    : { value: whole.format(minutes / 60), unit: 'h' }
}

/** A duration: "420 ms", "8.4 s", "3 min 20 s", "1 h 42 min". */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${whole.format(milliseconds)} ms`
  if (milliseconds < MINUTE) return `${fine.format(milliseconds / 1_000)} s`
  const seconds = Math.round(milliseconds / 1_000)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return withRest(minutes, 'min', seconds % 60, 's')
  return withRest(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
}

/** An estimate: "About 3 minutes left". */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 60) return 'Less than a minute left'
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `About ${formatCount(minutes, 'minute')} left`
  return `About ${formatCount(Math.round(minutes / 60), 'hour')} left`
}

/** "3 min 20 s", "3 min" */
function withRest(count: number, unit: string, rest: number, restUnit: string): string {
  return rest ? `${whole.format(count)} ${unit} ${rest} ${restUnit}` : `${whole.format(count)} ${unit}`
}

/** The length of a song: "3:07". */
export function formatTrackLength(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000_000) return `${whole.format(bytes / 1_000)} kB`
  return `${fine.format(bytes / 1_000_000)} MB`
}

/** "3 May 2026, 14:32" */
export function formatMoment(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(iso))
}

/** "14:32" */
export function formatTime(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { timeStyle: 'short', timeZone }).format(new Date(iso))
}

/** "3 May 2026" */
export function formatDate(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeZone }).format(new Date(iso))
}

/** A day of the warehouse as its month: "May 2026". */
export function formatMonth(day: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(day))
}

/** "3 May" */
export function formatShortDate(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { day: 'numeric', month: 'short', timeZone }).format(new Date(iso))
}

/** A day of the warehouse, 'YYYY-MM-DD', as "3 May". */
export function formatDay(day: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(day))
}

/** Days of the warehouse, both included: "3 May 2026", "3 – 17 May 2026", "28 Dec 2025 – 3 Jan 2026". */
export function formatDays({ from, to }: { from: string; to: string }): string {
  const end = `${formatDay(to)} ${to.slice(0, 4)}`
  if (from === to) return end
  if (from.slice(0, 7) === to.slice(0, 7)) return `${Number(from.slice(8))} – ${end}`
  return from.slice(0, 4) === to.slice(0, 4)
    ? `${formatDay(from)} – ${end}`
    : `${formatDay(from)} ${from.slice(0, 4)} – ${end}`
}

/** A day of the warehouse as "Sunday 3 May 2026". */
export function formatLongDay(day: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'full', timeZone: 'UTC' }).format(new Date(day))
}

/** A page knows moments that are newer than its clock, which ticks less often. */
const CLOCK_TICK_MS = 20 * SECOND

const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto' })

/** "in 12 minutes", "3 hours ago", "just now". */
export function formatRelative(iso: string, now: number): string {
  const distance = Date.parse(iso) - now
  const size = Math.abs(distance)
  if (size < MINUTE) return distance > CLOCK_TICK_MS ? 'in a moment' : 'just now'
  if (size < HOUR) return relative.format(Math.round(distance / MINUTE), 'minute')
  if (size < DAY) return relative.format(Math.round(distance / HOUR), 'hour')
  return relative.format(Math.round(distance / DAY), 'day')
}

/** Joins texts such as problem and remedy, adding missing full stops. */
export function inSentences(...texts: (string | null)[]): string {
  return texts
    .filter((text): text is string => Boolean(text))
    .map((text) => (/[.!?;]$/.test(text) ? text : `${text}.`))
    .join(' ')
}

/** "1 song", "3 songs" */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`
}
