import { expect, test } from 'vitest'
import {
  addDays,
  type Calendar,
  COMPARISONS,
  countDays,
  type DateRange,
  type Day,
  dayIn,
  EARLIEST_DAY,
  isDay,
  type Period,
  type PeriodParams,
  type PeriodSelection,
  PRESETS,
  type Preset,
  paramsOf,
  rangesWithin,
  readSelection,
  resolveComparison,
  resolvePeriod,
  shiftPeriod,
  weekdayOf,
} from './period.ts'

/** Every day from 2000-01-01, a Saturday, to 2040, counted without Date. The expected values are found by walking it. */
const DAYS = walkDays(2000, 2040)
const POSITIONS = new Map(DAYS.map((day, position) => [day, position]))

function walkDays(firstYear: number, lastYear: number): Day[] {
  const two = (number: number) => String(number).padStart(2, '0')
  const days: Day[] = []
  for (let year = firstYear; year <= lastYear; year++) {
    const february = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
    for (const [index, length] of [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].entries()) {
      for (let date = 1; date <= length; date++) days.push(`${year}-${two(index + 1)}-${two(date)}`)
    }
  }
  return days
}

const position = (day: Day) => POSITIONS.get(day) ?? Number.NaN
const walkedWeekday = (day: Day) => ((position(day) + 5) % 7) + 1

/** The nearest day at or before another for which something is true. */
function walkBack(day: Day, isIt: (day: Day) => boolean): Day {
  const found = DAYS.slice(0, position(day) + 1).findLast(isIt)
  if (!found) throw new Error(`There is no such day before ${day}`)
  return found
}

/** Repeatable random numbers from 0 up to a limit (mulberry32). */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}

const calendar = (today: Day, weekStart = 1, firstDay: Day | null = null): Calendar => ({
  zone: 'UTC',
  today,
  weekStart,
  firstDay,
})

/** A random calendar between 2010 and 2035. */
function randomCalendar(random: (limit: number) => number): Calendar {
  const first = position('2010-01-01')
  const today = DAYS[first + random(position('2035-12-31') - first)] ?? ''
  return calendar(today, 1 + random(7), random(4) === 0 ? null : (DAYS[position(today) - random(1_400)] ?? null))
}

const days = (from: Day, to: Day): DateRange => ({ from, to })
const rangeOf = (period: Period | null) => period && days(period.from, period.to)

test('days are counted as in a calendar', () => {
  for (const [index, day] of DAYS.entries()) {
    expect(isDay(day)).toBe(true)
    expect(addDays(day, 1)).toBe(DAYS[index + 1] ?? '2041-01-01')
    expect(weekdayOf(day)).toBe(walkedWeekday(day))
  }
  const random = randomNumbers(1)
  for (let round = 0; round < 2_000; round++) {
    const [one, other] = [random(DAYS.length), random(DAYS.length)]
    const [from, to] = [DAYS[Math.min(one, other)] ?? '', DAYS[Math.max(one, other)] ?? '']
    expect(addDays(to, position(from) - position(to))).toBe(from)
    expect(countDays({ from, to })).toBe(Math.abs(one - other) + 1)
  }
})

test('only days of the calendar are days', () => {
  for (const text of ['2026-02-29', '2100-02-29', '2026-04-31', '2026-13-01', '2026-00-10', '2026-01-00', '2026-1-1']) {
    expect(isDay(text), text).toBe(false)
  }
  for (const text of ['', 'today', '2026-05-03T00:00', ' 2026-05-03', '+02026-05-03', '٢٠٢٦-٠٥-٠٣', '20260503']) {
    expect(isDay(text), text).toBe(false)
  }
  for (const text of ['2024-02-29', '2000-02-29', '0050-01-01', '9999-12-31']) expect(isDay(text), text).toBe(true)
})

/** Offsets in minutes, written down from the zones' rules: [from this instant, minutes]. */
const OFFSETS: Record<string, [from: string, minutes: number][]> = {
  UTC: [['2026-01-01T00:00:00Z', 0]],
  'Asia/Kathmandu': [['2026-01-01T00:00:00Z', 345]],
  'Asia/Yekaterinburg': [['2026-01-01T00:00:00Z', 300]],
  'Asia/Kolkata': [['2026-01-01T00:00:00Z', 330]],
  'Pacific/Chatham': [
    ['2026-01-01T00:00:00Z', 825],
    ['2026-04-04T14:00:00Z', 765],
    ['2026-09-26T14:00:00Z', 825],
  ],
  'America/St_Johns': [
    ['2026-01-01T00:00:00Z', -210],
    ['2026-03-08T05:30:00Z', -150],
    ['2026-11-01T04:30:00Z', -210],
  ],
  'Europe/Berlin': [
    ['2026-01-01T00:00:00Z', 60],
    ['2026-03-29T01:00:00Z', 120],
    ['2026-10-25T01:00:00Z', 60],
  ],
  // 6 September 2026 begins at 1:00.
  'America/Santiago': [
    ['2026-01-01T00:00:00Z', -180],
    ['2026-04-05T03:00:00Z', -240],
    ['2026-09-06T04:00:00Z', -180],
  ],
  // 30 December 2011 did not happen.
  'Pacific/Apia': [
    ['2011-10-01T00:00:00Z', -600],
    ['2011-12-30T10:00:00Z', 840],
  ],
}

test.each(Object.entries(OFFSETS))('the day of an instant in %s', (zone, offsets) => {
  for (const [index, [from, minutes]] of offsets.entries()) {
    const begin = Date.parse(from)
    const end = Date.parse(offsets[index + 1]?.[0] ?? new Date(begin + 90 * 86_400_000).toISOString())
    const local = (at: number) => new Date(at + minutes * 60_000).toISOString().slice(0, 10)
    // Both sides of every midnight, and of each change of the clock.
    const midnight = Math.ceil((begin / 60_000 + minutes) / 1_440) * 86_400_000 - minutes * 60_000
    const instants = [begin, end - 1_000]
    for (let at = midnight; at < end; at += 86_400_000) instants.push(Math.max(begin, at - 1_000), at)
    for (const at of instants) expect(dayIn(zone, new Date(at)), new Date(at).toISOString()).toBe(local(at))
  }
})

test('a day that a zone skipped is never today, and the days around it are neighbors', () => {
  expect(dayIn('Pacific/Apia', new Date('2011-12-30T09:59:59Z'))).toBe('2011-12-29')
  expect(dayIn('Pacific/Apia', new Date('2011-12-30T10:00:00Z'))).toBe('2011-12-31')
})

/** What each preset means, found by walking. */
function walkedPreset(preset: Preset, { today, weekStart, firstDay }: Calendar): DateRange {
  const back = (count: number) => DAYS[position(today) - count] ?? ''
  const weekBegin = walkBack(today, (day) => walkedWeekday(day) === weekStart)
  const lastDayOfLastWeek = DAYS[position(weekBegin) - 1] ?? ''
  const begins: Record<Preset, [Day, Day]> = {
    today: [today, today],
    '7d': [back(6), today],
    '28d': [back(27), today],
    '90d': [back(89), today],
    'this-week': [weekBegin, today],
    'last-week': [walkBack(lastDayOfLastWeek, (day) => walkedWeekday(day) === weekStart), lastDayOfLastWeek],
    month: [walkBack(today, (day) => day.endsWith('-01')), today],
    year: [walkBack(today, (day) => day.endsWith('-01-01')), today],
    all: [firstDay ?? today, today],
  }
  return days(...begins[preset])
}

test('presets end today, and begin where the week, month or year does', () => {
  const random = randomNumbers(2)
  for (let round = 0; round < 500; round++) {
    const at = randomCalendar(random)
    for (const preset of PRESETS) {
      expect(resolvePeriod(preset, at), `${preset} ${JSON.stringify(at)}`).toEqual({
        preset,
        ...walkedPreset(preset, at),
      })
    }
  }
})

test.each([1, 2, 3, 4, 5, 6, 7])('a week that starts on day %i', (weekStart) => {
  for (const today of DAYS.slice(position('2026-11-23'), position('2026-12-08'))) {
    const at = calendar(today, weekStart)
    const week = resolvePeriod('this-week', at)
    expect(walkedWeekday(week.from)).toBe(weekStart)
    expect(position(today) - position(week.from)).toBeLessThan(7)
    const lastWeek = resolvePeriod('last-week', at)
    expect(countDays(lastWeek)).toBe(7)
    expect(position(lastWeek.to) + 1).toBe(position(week.from))
  }
})

test('all time begins with the first play, at most in 2006 and at least today', () => {
  const from = (firstDay: Day | null) => resolvePeriod('all', calendar('2026-11-30', 1, firstDay)).from
  expect(from('2016-05-03')).toBe('2016-05-03')
  expect(from('1970-01-01')).toBe(EARLIEST_DAY)
  expect(from('2026-12-01')).toBe('2026-11-30')
  expect(from(null)).toBe('2026-11-30')
})

/** A period as it can be selected: a preset, or two days in the past. */
function randomPeriod(random: (limit: number) => number, at: Calendar): Period {
  const preset = PRESETS[random(PRESETS.length * 2)]
  if (preset) return resolvePeriod(preset, at)
  const to = position(at.today) - random(800)
  return resolvePeriod(days(DAYS[to - random(120)] ?? '', DAYS[to] ?? ''), at)
}

test('moving back and forward again ends where it began, and leaves no gap', () => {
  const random = randomNumbers(3)
  let moved = 0
  for (let round = 0; round < 3_000; round++) {
    const at = randomCalendar(random)
    const period = randomPeriod(random, at)
    const before = shiftPeriod(period, -1, at)
    if (!before) continue
    moved++
    const context = JSON.stringify({ at, period, before })
    expect(addDays(before.to, 1), context).toBe(period.from)
    expect(rangeOf(shiftPeriod(before, 1, at)), context).toEqual(rangeOf(period))
  }
  expect(moved).toBeGreaterThan(1_000)
})

test('no period moves into the future, before 2006 or before the first play', () => {
  const random = randomNumbers(4)
  for (let round = 0; round < 150; round++) {
    const at = randomCalendar(random)
    for (const by of [-1, 1] as const) {
      let period: Period | null = randomPeriod(random, at)
      for (let step = 0; step < 200; step++) {
        const next: Period | null = shiftPeriod(period, by, at)
        if (!next) break
        expect(by === 1 ? next.to > period.to : next.to < period.to).toBe(true)
        expect(next.from <= next.to && next.to <= at.today && next.from >= EARLIEST_DAY).toBe(true)
        if (by === -1 && at.firstDay) expect(next.to >= at.firstDay).toBe(true)
        period = next
      }
    }
  }
})

test('arrows move by the unit of the period', () => {
  const at = calendar('2026-11-18', 1)
  const move = (period: Preset | DateRange, by: -1 | 1) => shiftPeriod(resolvePeriod(period, at), by, at)
  expect(move('today', -1)).toEqual({ preset: null, ...days('2026-11-17', '2026-11-17') })
  expect(move('28d', -1)).toEqual({ preset: null, ...days('2026-09-24', '2026-10-21') })
  expect(move('this-week', -1)).toEqual({ preset: 'last-week', ...days('2026-11-09', '2026-11-15') })
  expect(move('last-week', 1)).toEqual({ preset: 'this-week', ...days('2026-11-16', '2026-11-18') })
  expect(move('month', -1)).toEqual({ preset: null, ...days('2026-10-01', '2026-10-31') })
  expect(move(days('2026-10-01', '2026-10-31'), -1)).toEqual({ preset: null, ...days('2026-09-01', '2026-09-30') })
  expect(move(days('2026-10-01', '2026-10-31'), 1)).toEqual({ preset: 'month', ...days('2026-11-01', '2026-11-18') })
  expect(move(days('2025-01-01', '2025-12-31'), 1)).toEqual({ preset: 'year', ...days('2026-01-01', '2026-11-18') })
  expect(move(days('2024-02-01', '2024-02-29'), -1)).toEqual({ preset: null, ...days('2024-01-01', '2024-01-31') })
  expect(move(days('2026-05-03', '2026-05-17'), -1)).toEqual({ preset: null, ...days('2026-04-18', '2026-05-02') })
  // Fewer days than the period has are left: it keeps its length.
  expect(move(days('2026-11-06', '2026-11-12'), 1)).toEqual({ preset: '7d', ...days('2026-11-12', '2026-11-18') })
  for (const preset of ['today', '7d', 'this-week', 'month', 'year', 'all'] as const) expect(move(preset, 1)).toBeNull()
  expect(move('all', -1)).toBeNull()
  expect(move(days('2006-01-01', '2006-12-31'), -1)).toBeNull()
})

test('the previous period is as long and directly before, except that months and years have their own lengths', () => {
  const random = randomNumbers(5)
  for (let round = 0; round < 2_000; round++) {
    const at = randomCalendar(random)
    const period = randomPeriod(random, at)
    const compared = resolveComparison(period, 'previous', at)
    if (period.preset === 'all') expect(compared).toBeNull()
    if (!compared) continue
    const context = JSON.stringify({ at, period, compared })
    expect(compared.to < period.from, context).toBe(true)
    const before = shiftPeriod(period, -1, { ...at, firstDay: null })
    expect(compared.from, context).toBe(before?.from)
    const isRunning = period.to === at.today
    if (isRunning) expect(countDays(compared), context).toBeLessThanOrEqual(countDays(period))
    else expect(compared.to, context).toBe(before?.to)
  }
})

test('a running month, week or year is compared with as many days of the one before', () => {
  const previous = (today: Day, preset: Preset, weekStart = 1) => {
    const at = calendar(today, weekStart)
    return resolveComparison(resolvePeriod(preset, at), 'previous', at)
  }
  expect(previous('2026-11-18', 'month')).toEqual(days('2026-10-01', '2026-10-18'))
  expect(previous('2026-03-30', 'month')).toEqual(days('2026-02-01', '2026-02-28'))
  expect(previous('2026-11-30', 'month')).toEqual(days('2026-10-01', '2026-10-30'))
  expect(previous('2026-01-05', 'month')).toEqual(days('2025-12-01', '2025-12-05'))
  expect(previous('2026-11-18', 'this-week')).toEqual(days('2026-11-09', '2026-11-11'))
  expect(previous('2026-11-18', 'this-week', 7)).toEqual(days('2026-11-08', '2026-11-11'))
  expect(previous('2026-11-18', 'last-week')).toEqual(days('2026-11-02', '2026-11-08'))
  // 1 March is day 61 of 2024 and day 60 of 2023.
  expect(previous('2024-03-01', 'year')).toEqual(days('2023-01-01', '2023-03-02'))
  expect(previous('2026-11-18', 'today')).toEqual(days('2026-11-17', '2026-11-17'))
  expect(previous('2026-11-18', '28d')).toEqual(days('2026-09-24', '2026-10-21'))
  expect(previous('2026-11-18', 'all')).toBeNull()
  // Over: the whole month before.
  const at = calendar('2026-12-01')
  const november = resolvePeriod(days('2026-11-01', '2026-11-30'), at)
  expect(resolveComparison(november, 'previous', at)).toEqual(days('2026-10-01', '2026-10-31'))
})

test('a year earlier are the same dates, with 28 for 29 February', () => {
  const at = calendar('2026-11-18')
  const lastYear = (from: Day, to: Day, today = at) =>
    resolveComparison(resolvePeriod(days(from, to), today), 'last-year', today)
  expect(lastYear('2026-05-03', '2026-05-17')).toEqual(days('2025-05-03', '2025-05-17'))
  expect(lastYear('2024-02-29', '2024-02-29')).toEqual(days('2023-02-28', '2023-02-28'))
  expect(lastYear('2024-02-20', '2024-03-05')).toEqual(days('2023-02-20', '2023-03-05'))
  expect(lastYear('2024-02-01', '2024-02-29')).toEqual(days('2023-02-01', '2023-02-28'))
  expect(lastYear('2025-02-01', '2025-02-28')).toEqual(days('2024-02-01', '2024-02-29'))
  expect(lastYear('2025-02-01', '2025-02-28', calendar('2025-02-28'))).toEqual(days('2024-02-01', '2024-02-28'))
  expect(lastYear('2025-01-01', '2025-12-31')).toEqual(days('2024-01-01', '2024-12-31'))
  expect(lastYear('2006-05-01', '2006-05-31')).toBeNull()
  expect(resolveComparison(resolvePeriod('all', at), 'last-year', at)).toBeNull()
})

test('two days to compare with, or nothing', () => {
  const at = calendar('2026-11-18', 1, '2016-01-01')
  const period = resolvePeriod('all', at)
  expect(resolveComparison(period, days('2020-01-01', '2020-01-31'), at)).toEqual(days('2020-01-01', '2020-01-31'))
  expect(resolveComparison(period, 'none', at)).toBeNull()
})

const DEFAULTS: PeriodSelection = { period: '28d', compare: 'previous' }
const TODAY = calendar('2026-11-18')

test('a selection survives its query parameters', () => {
  const periods: PeriodSelection['period'][] = [...PRESETS, days('2026-05-03', '2026-05-17')]
  const comparisons: PeriodSelection['compare'][] = [...COMPARISONS, days('2025-01-01', '2026-11-18')]
  for (const period of periods) {
    for (const compare of comparisons) {
      const selection = { period, compare }
      expect(readSelection(paramsOf(selection), TODAY, DEFAULTS)).toEqual({ selection, problems: [] })
    }
  }
  expect(readSelection({}, TODAY, DEFAULTS)).toEqual({ selection: DEFAULTS, problems: [] })
})

test.each<[PeriodParams, param: string, message: string]>([
  [{ period: 'fortnight' }, 'period', '"period" has an unknown value'],
  [{ period: '' }, 'period', '"period" has an unknown value'],
  [{ period: '28d', from: '2026-05-03' }, 'period', '"period" can\'t be combined with "from" and "to"'],
  [{ from: '2026-05-03' }, 'to', '"to" is missing'],
  [{ to: '2026-05-03' }, 'from', '"from" is missing'],
  [{ from: '2026-02-29', to: '2026-05-03' }, 'from', '"from" is not a calendar day'],
  [{ from: '0000-01-01', to: '2026-05-03' }, 'from', '"from" is before Spotify existed'],
  [{ from: '2005-12-31', to: '2026-05-03' }, 'from', '"from" is before Spotify existed'],
  [{ from: '2026-05-03', to: '3 May' }, 'to', '"to" is not a calendar day'],
  [{ from: '2026-05-03', to: '10000-01-01' }, 'to', '"to" is not a calendar day'],
  [{ from: '2026-05-04', to: '2026-05-03' }, 'from', '"from" is after "to"'],
  [{ from: '2026-11-01', to: '2026-11-19' }, 'to', '"to" is in the future'],
  [{ from: '9998-01-01', to: '9999-12-31' }, 'to', '"to" is in the future'],
])('%o falls back to the default and says why', (params, param, message) => {
  const { selection, problems } = readSelection(params, TODAY, DEFAULTS)
  expect(selection).toEqual(DEFAULTS)
  expect(problems).toMatchObject([{ param, message, remedy: expect.stringMatching(/\.$/) }])
})

test('what is compared with is checked the same way, and does not spoil the period', () => {
  const { selection, problems } = readSelection(
    { period: 'month', compareFrom: '2026-05-03', compareTo: '2030-01-01' },
    TODAY,
    DEFAULTS,
  )
  expect(selection).toEqual({ period: 'month', compare: 'previous' })
  expect(problems).toMatchObject([{ param: 'compareTo', message: '"compareTo" is in the future' }])
})

test('ranges within another one are cut to it', () => {
  const ranges = [
    { from: '2026-04-28', to: '2026-05-02' },
    { from: '2026-05-12', to: '2026-05-12' },
    { from: '2026-05-30', to: '2026-07-01' },
  ]
  expect(rangesWithin(ranges, { from: '2026-05-01', to: '2026-05-31' })).toEqual([
    { from: '2026-05-01', to: '2026-05-02' },
    { from: '2026-05-12', to: '2026-05-12' },
    { from: '2026-05-30', to: '2026-05-31' },
  ])
  expect(rangesWithin(ranges, { from: '2026-05-03', to: '2026-05-11' })).toEqual([])
})
