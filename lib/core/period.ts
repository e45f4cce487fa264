import { DAY } from './durations.ts'

/**
 * Periods of whole calendar days, for browser and server. Days are texts, `YYYY-MM-DD`, so they sort and compare as they
 * are; a clock change can't make one longer or shorter, because nothing here counts hours of a zone.
 */

/** A calendar day, `YYYY-MM-DD`. */
export type Day = string

/** Both days are included. */
export interface DateRange {
  from: Day
  to: Day
}

export const PRESETS = ['today', '7d', '28d', '90d', 'this-week', 'last-week', 'month', 'year', 'all'] as const
export type Preset = (typeof PRESETS)[number]

export const COMPARISONS = ['previous', 'last-year', 'none'] as const
export type Comparison = (typeof COMPARISONS)[number]

/** A range, and the preset that it came from. */
export interface Period extends DateRange {
  preset: Preset | null
}

/** What a listener selects; presets are resolved later, so that a link to "Last 28 days" stays that. */
export interface PeriodSelection {
  period: Preset | DateRange
  compare: Comparison | DateRange
}

/** What presets are resolved with. */
export interface Calendar {
  /** The listener's IANA zone. */
  zone: string
  /** The day in that zone. */
  today: Day
  /** The first day of a week: 1 = Monday … 7 = Sunday. */
  weekStart: number
  /** The day of the first play; null if there is none. */
  firstDay: Day | null
}

/** Query parameters of a selection, in pages and in the API. */
export const PERIOD_PARAMS = ['period', 'from', 'to', 'compare', 'compareFrom', 'compareTo'] as const
export type PeriodParam = (typeof PERIOD_PARAMS)[number]
export type PeriodParams = { [Name in PeriodParam]?: string | undefined }

/** Why a parameter can't be used, and what to do. */
export interface PeriodProblem {
  param: PeriodParam
  message: string
  remedy: string
}

/** Nobody played anything before: Spotify was founded in April 2006. */
export const EARLIEST_DAY: Day = '2006-01-01'

/** What is wrong with a text that is not a day, and what to do. */
export const NOT_A_DAY = { message: 'is not a calendar day', remedy: 'Write days as YYYY-MM-DD, such as 2026-05-03.' }

/** Whether a text is a day of the calendar: 2026-02-29 is not. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  // Some engines read 30 February as 2 March.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

const MAX_FORMATS = 100
const formats = new Map<string, Intl.DateTimeFormat>()

/** Making a format takes far longer than using it. */
function formatIn(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  if (formats.size >= MAX_FORMATS) formats.clear()
  formats.set(zone, format)
  return format
}

/** The day of an instant in a zone. */
export function dayIn(zone: string, at: Date): Day {
  const parts = formatIn(zone).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`
}

/** The listener's calendar. Days are UTC days until the browser has reported the zone. */
export function calendarOf(
  listener: { zone: string | null; weekStart: number },
  firstDay: string | null,
  at = new Date(),
): Calendar {
  const zone = listener.zone ?? 'UTC'
  return { zone, today: dayIn(zone, at), weekStart: listener.weekStart, firstDay }
}

/** Days since 1970-01-01. In UTC every day has 24 hours, so this is exact. */
const dayNumber = (day: Day) => Date.parse(`${day}T00:00:00Z`) / DAY

export function addDays(day: Day, count: number): Day {
  return new Date((dayNumber(day) + count) * DAY).toISOString().slice(0, 10)
}

/** How many days a range has. */
export function countDays({ from, to }: DateRange): number {
  return dayNumber(to) - dayNumber(from) + 1
}

/** What of some ranges is within another one. */
export function rangesWithin(ranges: readonly DateRange[], { from, to }: DateRange): DateRange[] {
  return ranges
    .filter((range) => range.from <= to && range.to >= from)
    .map((range) => ({ from: later(range.from, from), to: earlier(range.to, to) }))
}

/** 1 = Monday … 7 = Sunday. */
export function weekdayOf(day: Day): number {
  return ((dayNumber(day) + 3) % 7) + 1
}

const earlier = (one: Day, other: Day) => (one < other ? one : other)
const later = (one: Day, other: Day) => (one > other ? one : other)

type CalendarUnit = 'week' | 'month' | 'year'

/** What a period moves by: a calendar unit, or as many days as it has. */
export type PeriodUnit = CalendarUnit | 'days' | 'all'

const UNITS: Record<Preset, PeriodUnit> = {
  today: 'days',
  '7d': 'days',
  '28d': 'days',
  '90d': 'days',
  'this-week': 'week',
  'last-week': 'week',
  month: 'month',
  year: 'year',
  all: 'all',
}

/** The first day of the unit that a day is in. */
function startOf(unit: CalendarUnit, day: Day, { weekStart }: Calendar): Day {
  if (unit === 'month') return `${day.slice(0, 8)}01`
  if (unit === 'year') return `${day.slice(0, 5)}01-01`
  return addDays(day, -((weekdayOf(day) - weekStart + 7) % 7))
}

/** The first day of a later or earlier unit. */
function moveStart(unit: CalendarUnit, start: Day, count: number): Day {
  if (unit === 'week') return addDays(start, 7 * count)
  const months = Number(start.slice(0, 4)) * 12 + Number(start.slice(5, 7)) - 1 + count * (unit === 'year' ? 12 : 1)
  const year = String(Math.floor(months / 12)).padStart(4, '0')
  return `${year}-${String((months % 12) + 1).padStart(2, '0')}-01`
}

const endOf = (unit: CalendarUnit, start: Day) => addDays(moveStart(unit, start, 1), -1)

/** A unit of the calendar, up to today. */
function unitAt(unit: CalendarUnit, start: Day, { today }: Calendar): DateRange {
  return { from: start, to: earlier(endOf(unit, start), today) }
}

/** The unit of a period. Two days that span a whole week, month or year count as that unit. */
export function unitOf({ preset, from, to }: Period, calendar: Calendar): PeriodUnit {
  if (preset) return UNITS[preset]
  const units: CalendarUnit[] = ['year', 'month', 'week']
  return units.find((unit) => startOf(unit, from, calendar) === from && endOf(unit, from) === to) ?? 'days'
}

function resolvePreset(preset: Preset, calendar: Calendar): DateRange {
  const { today, firstDay } = calendar
  const lastDays = (count: number) => ({ from: addDays(today, 1 - count), to: today })
  const current = (unit: CalendarUnit) => unitAt(unit, startOf(unit, today, calendar), calendar)
  switch (preset) {
    case 'today':
      return lastDays(1)
    case '7d':
      return lastDays(7)
    case '28d':
      return lastDays(28)
    case '90d':
      return lastDays(90)
    case 'this-week':
      return current('week')
    case 'last-week':
      return unitAt('week', moveStart('week', startOf('week', today, calendar), -1), calendar)
    case 'month':
      return current('month')
    case 'year':
      return current('year')
    case 'all':
      return { from: earlier(later(firstDay ?? today, EARLIEST_DAY), today), to: today }
  }
}

/** A text such as "2025" that is a year of which somebody may have plays. */
export function isYear(text: string, { today }: Pick<Calendar, 'today'>): boolean {
  return /^\d{4}$/.test(text) && text >= EARLIEST_DAY.slice(0, 4) && text <= today.slice(0, 4)
}

/** The days of a year, up to today. */
export function daysOfYear(year: string, { today }: Pick<Calendar, 'today'>): DateRange {
  return { from: `${year}-01-01`, to: earlier(`${year}-12-31`, today) }
}

/** The days of a preset or of two given days. Units of the calendar end today, while they are running. */
export function resolvePeriod(period: Preset | DateRange, calendar: Calendar): Period {
  if (typeof period === 'string') return { preset: period, ...resolvePreset(period, calendar) }
  return { preset: null, from: period.from, to: period.to }
}

/**
 * The period before or after: a month moves to the month before, 28 days by 28 days. A unit of the calendar that is
 * running ends today; a number of days keeps its length and ends today at the latest.
 * @returns null if there is none: "all", after today, before 2006, or before the first play
 */
export function shiftPeriod(period: Period, by: -1 | 1, calendar: Calendar): Period | null {
  const unit = unitOf(period, calendar)
  if (unit === 'all') return null
  const { today, firstDay } = calendar
  if (by === 1 && period.to >= today) return null
  const moved =
    unit === 'days'
      ? moveDays(period, by, today)
      : unitAt(unit, moveStart(unit, startOf(unit, period.from, calendar), by), calendar)
  if (moved.from < EARLIEST_DAY || (by === -1 && firstDay !== null && moved.to < firstDay)) return null
  return withPreset(moved, unit, calendar)
}

function moveDays(range: DateRange, by: number, today: Day): DateRange {
  const count = countDays(range)
  const to = earlier(addDays(range.to, count * by), today)
  return { from: addDays(to, 1 - count), to }
}

/** Names a range by its preset again: the month after October is "this month" in November. */
function withPreset({ from, to }: DateRange, unit: PeriodUnit, calendar: Calendar): Period {
  const isIt = (preset: Preset) => {
    const range = resolvePreset(preset, calendar)
    return UNITS[preset] === unit && range.from === from && range.to === to
  }
  return { preset: PRESETS.find(isIt) ?? null, from, to }
}

/**
 * The days that a period is compared with.
 * `previous`: as many days directly before; for a week, month or year the one before, cut to as many days while the
 * period's own is running. `last-year`: the same dates a year earlier; 29 February becomes 28 February.
 * @returns null for `none`, for "all", and for what would begin before 2006
 */
export function resolveComparison(
  period: Period,
  compare: Comparison | DateRange,
  calendar: Calendar,
): DateRange | null {
  if (typeof compare === 'object') return compare
  if (compare === 'none' || unitOf(period, calendar) === 'all') return null
  const range = compare === 'previous' ? previousOf(period, calendar) : yearBefore(period, calendar)
  return range.from < EARLIEST_DAY ? null : range
}

function previousOf(period: Period, calendar: Calendar): DateRange {
  const unit = unitOf(period, calendar)
  const count = countDays(period)
  if (unit === 'days' || unit === 'all') return { from: addDays(period.from, -count), to: addDays(period.from, -1) }
  const start = moveStart(unit, startOf(unit, period.from, calendar), -1)
  const end = endOf(unit, start)
  const isRunning = calendar.today <= endOf(unit, period.from)
  return { from: start, to: isRunning ? earlier(end, addDays(start, count - 1)) : end }
}

function yearBefore(period: Period, calendar: Calendar): DateRange {
  const from = sameDateYearBefore(period.from)
  // A whole February is compared with a whole one.
  const isWholeMonth = unitOf(period, calendar) === 'month' && calendar.today > endOf('month', period.from)
  return { from, to: isWholeMonth ? endOf('month', from) : sameDateYearBefore(period.to) }
}

function sameDateYearBefore(day: Day): Day {
  const date = `${String(Number(day.slice(0, 4)) - 1).padStart(4, '0')}${day.slice(4)}`
  return isDay(date) ? date : addDays(day, -366)
}

/** A selection as query parameters. */
export function paramsOf({ period, compare }: PeriodSelection): PeriodParams {
  return {
    ...(typeof period === 'string' ? { period } : { from: period.from, to: period.to }),
    ...(typeof compare === 'string' ? { compare } : { compareFrom: compare.from, compareTo: compare.to }),
  }
}

interface Read {
  selection: PeriodSelection
  /** What could not be used; the default is selected instead. */
  problems: PeriodProblem[]
}

/**
 * Reads a selection from query parameters.
 * @param defaults for what is absent or invalid
 */
export function readSelection(params: PeriodParams, { today }: Calendar, defaults: PeriodSelection): Read {
  const period = readOne(params, PRESETS, { name: 'period', from: 'from', to: 'to', today })
  const compare = readOne(params, COMPARISONS, { name: 'compare', from: 'compareFrom', to: 'compareTo', today })
  return {
    selection: {
      period: isProblem(period) ? defaults.period : (period ?? defaults.period),
      compare: isProblem(compare) ? defaults.compare : (compare ?? defaults.compare),
    },
    problems: [period, compare].filter(isProblem),
  }
}

const problem = (param: PeriodParam, message: string, remedy: string): PeriodProblem => ({ param, message, remedy })

function isProblem(read: string | DateRange | PeriodProblem | null): read is PeriodProblem {
  return typeof read === 'object' && read !== null && 'param' in read
}

/** Where a name or two days are read, and the last day that is possible. */
interface Source {
  name: PeriodParam
  from: PeriodParam
  to: PeriodParam
  today: Day
}

/** One of the names, or two days; null if neither was sent. */
function readOne<Name extends string>(
  params: PeriodParams,
  names: readonly Name[],
  source: Source,
): Name | DateRange | PeriodProblem | null {
  const { name, from, to } = source
  const named = params[name]
  const hasDays = params[from] !== undefined || params[to] !== undefined
  if (named === undefined) return hasDays ? readDays(params[from], params[to], source) : null
  if (hasDays) return problem(name, `"${name}" can't be combined with "${from}" and "${to}"`, 'Use one or the other.')
  const known = names.find((one) => one === named)
  return known ?? problem(name, `"${name}" has an unknown value`, `Use ${names.join(', ')}, or "${from}" and "${to}".`)
}

function readDays(from: string | undefined, to: string | undefined, source: Source): DateRange | PeriodProblem {
  if (from === undefined) return problem(source.from, `"${source.from}" is missing`, 'Enter both days.')
  if (to === undefined) return problem(source.to, `"${source.to}" is missing`, 'Enter both days.')
  if (!isDay(from)) return problem(source.from, `"${source.from}" ${NOT_A_DAY.message}`, NOT_A_DAY.remedy)
  if (!isDay(to)) return problem(source.to, `"${source.to}" ${NOT_A_DAY.message}`, NOT_A_DAY.remedy)
  if (from > to) return problem(source.from, `"${source.from}" is after "${source.to}"`, 'Swap the two days.')
  if (from < EARLIEST_DAY) {
    return problem(source.from, `"${source.from}" is before Spotify existed`, `Choose ${EARLIEST_DAY} or later.`)
  }
  if (to > source.today) {
    return problem(source.to, `"${source.to}" is in the future`, `Choose ${source.today}, which is today, or earlier.`)
  }
  return { from, to }
}
