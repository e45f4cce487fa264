import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDays, countDays, type DateRange, weekdayOf } from '#lib/core/period.ts'
import type { Columns, Row, TableName } from '#lib/core/table.ts'
import { AGG_DAY_HOURS, AGG_DAYS, FCT_PLAYS, FCT_SESSIONS } from '#lib/models/tables.ts'
import { warehouses } from '#lib/warehouse/index.ts'
import { loadOf } from '#lib/warehouse/testing.ts'
import type { Warehouse } from '#lib/warehouse/warehouse.ts'
import type { Chart, QueryContext } from './chart.ts'
import { type ChartName, charts } from './index.ts'
import { contextAt } from './testing.ts'

// Two years of plays, and the same numbers counted here from the plays themselves.
const NOW = new Date('2026-03-10T12:00:00Z')
const KNOWN = { from: '2024-11-20', to: '2026-03-10' }

const isPlayed = (day: string) => Number(day.slice(8)) % 9 !== 0 && !day.startsWith('2025-07')

/** Each played day has plays in three of its hours, which differ from day to day. */
const plays = Array.from({ length: countDays(KNOWN) }, (_, at) => addDays(KNOWN.from, at))
  .filter(isPlayed)
  .flatMap((day, at) =>
    [7, 12, 20].map((hour, n) => ({
      n: 3 * at + n,
      day,
      hour: (hour + at) % 24,
      track_key: (at * 7 + n) % 211,
      artist_key: (at * 7 + n) % 31,
      ms_played: 60_000 * (1 + ((at + n) % 5)),
      counts: true,
    })),
  )

let folder: string
let warehouse: Warehouse

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-insights-'))
  warehouse = await warehouses.duckdb(join(folder, 'charts.duckdb'))
  await loadAll()
})

afterAll(async () => {
  await warehouse.close()
  await rm(folder, { recursive: true, force: true })
})

async function loadAll(): Promise<void> {
  const create = async (table: TableName, columns: Columns, key: string[], rows: Row[]) => {
    await warehouse.load(loadOf(rows, { table: { ...table, columns, key } }))
  }
  const amounts = { plays: 'integer', ms_played: 'integer' } as const
  const total = (chosen: typeof plays) => ({
    plays: chosen.length,
    ms_played: chosen.reduce((sum, { ms_played }) => sum + ms_played, 0),
  })
  const unheard = {
    ...plays[0],
    n: -1,
    day: '2024-12-05',
    track_key: 999,
    artist_key: 999,
    counts: false,
  } as (typeof plays)[number]
  await create(
    FCT_PLAYS,
    { n: 'integer', day: 'date', hour: 'integer', track_key: 'integer', artist_key: 'integer', counts: 'boolean' },
    ['n'],
    [...plays, unheard].map(({ ms_played: _, ...play }) => play),
  )
  const days = Array.from({ length: countDays(KNOWN) }, (_, at) => addDays(KNOWN.from, at))
  await create(
    AGG_DAYS,
    { day: 'date', ...amounts },
    ['day'],
    days.map((day) => ({ day, ...total(plays.filter((play) => play.day === day)) })),
  )
  const cells = new Map(plays.map(({ day, hour }) => [`${day} ${hour}`, { day, hour }]))
  await create(
    AGG_DAY_HOURS,
    { day: 'date', hour: 'integer', ...amounts },
    ['day', 'hour'],
    [...cells.values()].map(({ day, hour }) => ({
      day,
      hour,
      ...total(plays.filter((play) => play.day === day && play.hour === hour)),
    })),
  )
  await create(
    FCT_SESSIONS,
    { started_at: 'timestamp', ended_at: 'timestamp', day: 'date', tracks: 'integer', ...amounts },
    ['started_at'],
    [
      ['2026-03-01', 20, 12],
      ['2026-03-05', 90, 31],
      ['2026-03-08', 40, 10],
      ['2026-01-01', 500, 100],
    ].map(([day, minutes, count]) => ({
      started_at: `${day}T10:00:00.000Z`,
      ended_at: new Date(Date.parse(`${day}T10:00:00Z`) + Number(minutes) * 60_000).toISOString(),
      day: String(day),
      plays: Number(count),
      tracks: Number(count) - 1,
      ms_played: Number(minutes) * 60_000,
    })),
  )
}

async function rowsOf(name: ChartName, more: Partial<QueryContext> = {}): Promise<Row[]> {
  const chart: Chart = charts[name]
  const table: QueryContext['table'] = (one) => warehouse.table(one.schema, one.name)
  const page = { limit: 11, offset: 0, after: null, sort: chart.list?.sorts[0] ?? '', search: '' }
  const { text, values } = chart.sql(contextAt(NOW, { table, period: KNOWN, page, ...more }), {})
  return (await warehouse.query(text, values)).map((row) => chart.row.parse(row) as Row)
}

const within = ({ from, to }: DateRange) => plays.filter(({ day }) => day >= from && day <= to)

/** Plays and minutes by a number that each play has. */
function counted(chosen: typeof plays, numberOf: (play: (typeof plays)[number]) => number): Map<number, number[]> {
  const found = new Map<number, number[]>()
  for (const play of chosen) {
    const [count = 0, minutes = 0] = found.get(numberOf(play)) ?? []
    found.set(numberOf(play), [count + 1, minutes + play.ms_played / 60_000])
  }
  return found
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at)

/** As in ISO 8601, counted by walking: the weeks of a year are those with their middle day in it. */
function weekOf(day: string, weekStart: number): number {
  let first = day
  while (weekdayOf(first) !== weekStart) first = addDays(first, -1)
  const middle = addDays(first, 3)
  let week = 1
  for (let before = addDays(middle, -7); before.slice(0, 4) === middle.slice(0, 4); before = addDays(before, -7))
    week += 1
  return week
}

describe('the charts of insights', () => {
  const march = { from: '2026-02-20', to: '2026-03-10' }

  test.each([KNOWN, march, { from: '2026-03-07', to: '2026-03-07' }])(
    'bars have every value, also those without plays: $from to $to',
    async (period) => {
      const chosen = within(period)
      const bars: [ChartName, string, number[], (play: (typeof plays)[number]) => number][] = [
        ['weekdays', 'weekday', range(1, 7), ({ day }) => weekdayOf(day)],
        ['hours', 'hour', range(0, 23), ({ hour }) => hour],
        ['days-of-month', 'day_of_month', range(1, 31), ({ day }) => Number(day.slice(8))],
        ['months', 'month', range(1, 12), ({ day }) => Number(day.slice(5, 7))],
        ['years', 'year', range(Number(period.from.slice(0, 4)), 2026), ({ day }) => Number(day.slice(0, 4))],
      ]
      for (const [name, field, values, numberOf] of bars) {
        const expected = counted(chosen, numberOf)
        const rows = await rowsOf(name, { period })
        expect(rows.map((row) => [row[field], row.plays, row.minutes])).toEqual(
          values.map((value) => [value, ...(expected.get(value) ?? [0, 0])]),
        )
      }
    },
  )

  test.each(range(1, 7))('weeks, weekdays and the calendar begin on weekday %i', async (weekStart) => {
    const weekdays = (await rowsOf('weekdays', { weekStart })).map(({ weekday }) => weekday)
    expect(weekdays).toEqual(range(0, 6).map((at) => ((weekStart - 1 + at) % 7) + 1))

    const expected = counted(plays, ({ day }) => weekOf(day, weekStart))
    const weeks = await rowsOf('weeks', { weekStart })
    expect(weeks.map(({ week }) => week)).toEqual(range(1, 53).filter((week) => weeks.some((row) => row.week === week)))
    expect(new Map(weeks.map(({ week, plays, minutes }) => [week, [plays, minutes]]))).toEqual(
      // A week without plays is there too.
      new Map(weeks.map(({ week }) => [week, expected.get(Number(week)) ?? [0, 0]])),
    )
    expect(weeks.length).toBeGreaterThanOrEqual(52)

    const cells = await rowsOf('hour-of-week', { weekStart })
    expect(cells.map(({ weekday, hour }) => [weekday, hour])).toEqual(
      weekdays.flatMap((weekday) => range(0, 23).map((hour) => [weekday, hour])),
    )
    const days = await rowsOf('calendar', { weekStart })
    for (const { day, week, weekday } of days) {
      expect(weekday).toBe(weekdayOf(String(day)))
      expect(weekdayOf(String(week))).toBe(weekStart)
      expect(countDays({ from: String(week), to: String(day) })).toBeLessThanOrEqual(7)
    }
  })

  test('weeks of a period across the new year come in the order of time', async () => {
    const rows = await rowsOf('weeks', { period: { from: '2025-12-15', to: '2026-01-18' } })
    expect(rows.map(({ week }) => week)).toEqual([51, 52, 1, 2, 3])
  })

  test('each of the 168 hours of the week has its plays', async () => {
    const expected = counted(plays, ({ day, hour }) => weekdayOf(day) * 100 + hour)
    const rows = await rowsOf('hour-of-week')
    expect(rows).toHaveLength(168)
    for (const { weekday, hour, plays, minutes } of rows)
      expect([weekday, hour, plays, minutes]).toEqual([
        weekday,
        hour,
        ...(expected.get(Number(weekday) * 100 + Number(hour)) ?? [0, 0]),
      ])
  })

  test('the calendar has the twelve months up to the period, and says where nothing is known', async () => {
    const rows = await rowsOf('calendar', { period: { from: '2025-10-01', to: '2025-10-15' } })
    expect(rows).toHaveLength(countDays({ from: '2024-11-01', to: '2025-10-15' }))
    expect(rows[0]).toMatchObject({ day: '2024-11-01', plays: null, minutes: null })
    expect(rows.find(({ day }) => day === '2025-01-09')).toMatchObject({ plays: 0, minutes: 0 })
    expect(rows.filter(({ plays }) => plays === null)).toHaveLength(19)
    expect(rows.at(-1)).toMatchObject({ day: '2025-10-15', week: '2025-10-13', weekday: 3, plays: 3 })
  })

  test('the trend averages seven days, and compares them with the seven before', async () => {
    const minutes = (from: string, to: string) =>
      within({ from, to }).reduce((sum, { ms_played }) => sum + ms_played / 60_000, 0)
    const rows = await rowsOf('trend', { period: march })
    expect(rows.map(({ day }) => day)).toEqual(range(0, 18).map((at) => addDays(march.from, at)))
    for (const row of rows) {
      const day = String(row.day)
      const now = minutes(addDays(day, -6), day)
      const before = minutes(addDays(day, -13), addDays(day, -7))
      expect(row).toEqual({
        day,
        minutes: minutes(day, day),
        average: Math.round((10 * now) / 7) / 10,
        rolling_minutes: now,
        previous_minutes: before,
        change: now - before,
        percent: Math.round((1000 * (now - before)) / before) / 10,
      })
    }
  })

  test('the trend says nothing of weeks that are not known, nor a percentage of nothing', async () => {
    const first = await rowsOf('trend', { period: { from: '2024-11-20', to: '2024-12-03' } })
    expect(first.map(({ average }) => average === null)).toEqual(range(0, 13).map((at) => at < 6))
    expect(first.map(({ previous_minutes }) => previous_minutes === null)).toEqual(range(0, 13).map((at) => at < 13))
    const silent = await rowsOf('trend', { period: { from: '2025-08-04', to: '2025-08-04' } })
    expect(silent).toMatchObject([{ previous_minutes: 0, percent: null }])
  })

  test('the trend of a long period has a point a week, up to its end', async () => {
    const rows = await rowsOf('trend')
    expect(rows.map(({ day }) => day)).toEqual(range(0, 67).map((at) => addDays('2026-03-10', 7 * (at - 67))))
    expect(rows.every(({ minutes }) => minutes === null)).toBe(true)
  })

  test.each([
    ['2026-03-10T12:00:00Z', { days: 1, first_day: '2026-03-10', last_day: '2026-03-10' }],
    ['2026-03-08T12:00:00Z', { days: 8, first_day: '2026-02-28', last_day: '2026-03-08' }],
    // The 9th is silent, but it isn't over.
    ['2026-03-09T12:00:00Z', { days: 9, first_day: '2026-02-28', last_day: '2026-03-08' }],
  ])('at %s the current streak is known', async (at, expected) => {
    const current = (await rowsOf('streaks', { now: new Date(at) })).find(({ name }) => name === 'current')
    expect(current).toMatchObject({ ...expected, days: countDays({ from: expected.first_day, to: expected.last_day }) })
  })

  test('a streak that ended is only the longest of its period', async () => {
    expect(await rowsOf('streaks', { now: new Date('2026-03-12T12:00:00Z'), period: march })).toEqual([
      { name: 'longest', days: 9, first_day: '2026-02-28', last_day: '2026-03-08' },
    ])
  })

  test('what is new in a month was never played before', async () => {
    const firsts = (key: 'track_key' | 'artist_key') => {
      const first = new Map<number, string>()
      for (const play of plays) if (!first.has(play[key])) first.set(play[key], play.day)
      return [...first.values()]
    }
    const period = { from: '2024-11-25', to: '2025-02-10' }
    const ofMonth = (key: 'track_key' | 'artist_key', month: string) =>
      firsts(key).filter((day) => day.startsWith(month) && day >= period.from && day <= period.to).length
    expect(await rowsOf('discovery', { period })).toEqual(
      ['2024-11', '2024-12', '2025-01', '2025-02'].map((month) => ({
        month: `${month}-01`,
        songs: ofMonth('track_key', month),
        artists: ofMonth('artist_key', month),
      })),
    )
  })

  test('sessions come newest or longest first, with what is usual', async () => {
    const list = async (sort: string, period: DateRange) => {
      const page = { limit: 3, offset: 0, after: null, sort, search: '' }
      return (await rowsOf('sessions', { period, page })).map(({ minutes }) => minutes)
    }
    const ofMarch = { from: '2026-03-01', to: '2026-03-10' }
    expect(await list('newest', ofMarch)).toEqual([40, 90, 20])
    expect(await list('longest', ofMarch)).toEqual([90, 40, 20])
    expect(await list('longest', KNOWN)).toEqual([500, 90, 40])
    expect(await rowsOf('session-figures', { period: ofMarch })).toEqual([
      { sessions: 3, average_minutes: 50, average_plays: 17.7, longest_minutes: 90 },
    ])
    expect(await rowsOf('session-figures', { period: { from: '2026-03-09', to: '2026-03-10' } })).toEqual([])
  })
})
