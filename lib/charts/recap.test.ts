import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDays, countDays } from '#lib/core/period.ts'
import type { Columns, Row, TableName } from '#lib/core/table.ts'
import { AGG_DAYS, DIM_ALBUMS, DIM_ARTISTS, DIM_TRACKS, FCT_PLAYS, FCT_SESSIONS } from '#lib/models/tables.ts'
import { warehouses } from '#lib/warehouse/index.ts'
import { loadOf } from '#lib/warehouse/testing.ts'
import type { Warehouse } from '#lib/warehouse/warehouse.ts'
import type { Chart, QueryContext } from './chart.ts'
import { type ChartName, charts } from './index.ts'
import { contextAt } from './testing.ts'

// Plays from November 2023 to March 2026, none in 2025 but for one that doesn't count.
const NOW = new Date('2026-03-10T12:00:00Z')
const FIRST_DAY = '2023-11-20'

/** A play of a song; song 3 is by artist 2, the others are by the artist and on the album of their number. */
const play = (n: number, day: string, track: number, { at = '10:00', ms = 180_000, counts = true } = {}) => ({
  n,
  played_at: `${day}T${at}:00.000Z`,
  day,
  track_key: track,
  artist_key: track === 3 ? 2 : track,
  album_key: track === 3 ? null : track,
  ms_played: ms,
  counts,
})

const plays = [
  play(1, '2023-11-20', 1),
  play(2, '2023-12-31', 2, { at: '23:59' }),
  play(3, '2024-01-02', 4, { at: '09:00' }),
  play(4, '2024-01-02', 2, { at: '08:00' }),
  play(5, '2024-01-03', 2),
  play(6, '2024-02-29', 3, { at: '10:00' }),
  play(7, '2024-02-29', 3, { at: '10:05' }),
  play(8, '2024-02-29', 3, { at: '10:10' }),
  // Longer than all other days, but with fewer plays.
  play(9, '2024-06-01', 4, { ms: 1_200_000 }),
  play(10, '2024-12-31', 4, { at: '22:00' }),
  play(11, '2024-12-31', 5, { at: '23:00', counts: false }),
  play(12, '2025-05-05', 5, { counts: false }),
  play(13, '2026-01-01', 5),
  play(14, '2026-03-09', 1),
]

let folder: string
let warehouse: Warehouse

async function create(table: TableName, columns: Columns, key: string[], rows: Row[]): Promise<void> {
  await warehouse.load(loadOf(rows, { table: { ...table, columns, key } }))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-recap-'))
  warehouse = await warehouses.duckdb(join(folder, 'charts.duckdb'))
  await loadAll()
})

afterAll(async () => {
  await warehouse.close()
  await rm(folder, { recursive: true, force: true })
})

async function loadAll(): Promise<void> {
  await create(
    FCT_PLAYS,
    {
      n: 'integer',
      played_at: 'timestamp',
      day: 'date',
      track_key: 'integer',
      artist_key: 'integer',
      album_key: 'integer',
      ms_played: 'integer',
      counts: 'boolean',
    },
    ['n'],
    plays,
  )
  const days = Array.from({ length: countDays({ from: FIRST_DAY, to: '2026-03-10' }) }, (_, at) =>
    addDays(FIRST_DAY, at),
  )
  await create(
    AGG_DAYS,
    { day: 'date', plays: 'integer', ms_played: 'integer' },
    ['day'],
    days.map((day) => {
      const counted = plays.filter((one) => one.day === day && one.counts)
      return { day, plays: counted.length, ms_played: counted.reduce((sum, one) => sum + one.ms_played, 0) }
    }),
  )
  await create(
    FCT_SESSIONS,
    { started_at: 'timestamp', ended_at: 'timestamp', day: 'date', plays: 'integer', ms_played: 'integer' },
    ['started_at'],
    [
      ['2024-02-29T09:57:00.000Z', '2024-02-29T10:10:00.000Z', '2024-02-29', 3, 540_000],
      ['2024-06-01T09:40:00.000Z', '2024-06-01T10:00:00.000Z', '2024-06-01', 1, 1_200_000],
      ['2023-11-20T08:00:00.000Z', '2023-11-20T10:00:00.000Z', '2023-11-20', 9, 9_000_000],
    ].map(([started_at, ended_at, day, count, ms_played]) => ({
      started_at: String(started_at),
      ended_at: String(ended_at),
      day: String(day),
      plays: Number(count),
      ms_played: Number(ms_played),
    })),
  )
  const keys = [1, 2, 3, 4, 5]
  await create(
    DIM_TRACKS,
    {
      track_key: 'integer',
      track_id: 'text',
      name: 'text',
      artist_names: 'text',
      artist_key: 'integer',
      album_key: 'integer',
    },
    ['track_key'],
    keys.map((key) => ({
      track_key: key,
      track_id: `t${key}`,
      name: key === 5 ? null : `Song ${key}`,
      artist_names: `Artist ${key}`,
      artist_key: key === 3 ? 2 : key,
      album_key: key === 3 ? null : key,
    })),
  )
  const picture = { image_url: 'text', image_small_url: 'text' } as const
  await create(
    DIM_ARTISTS,
    { artist_key: 'integer', artist_id: 'text', name: 'text', ...picture },
    ['artist_key'],
    keys.map((key) => ({
      artist_key: key,
      artist_id: `a${key}`,
      name: `Artist ${key}`,
      image_url: `https://i.scdn.co/image/${key}`,
      image_small_url: null,
    })),
  )
  await create(
    DIM_ALBUMS,
    { album_key: 'integer', ...picture },
    ['album_key'],
    keys.map((key) => ({
      album_key: key,
      image_url: `https://i.scdn.co/image/album-${key}`,
      image_small_url: null,
    })),
  )
}

async function rowsOf(name: ChartName, year: string, more: Partial<QueryContext> = {}): Promise<Row[]> {
  const chart: Chart = charts[name]
  const table: QueryContext['table'] = (one) => warehouse.table(one.schema, one.name)
  const { text, values } = chart.sql(contextAt(NOW, { table, subject: 'year', about: year, ...more }), {})
  return (await warehouse.query(text, values)).map((row) => chart.row.parse(row) as Row)
}

const valuesOf = async (year: string) =>
  Object.fromEntries((await rowsOf('recap', year)).map(({ name, value, previous }) => [name, [value, previous]]))

describe('the recap of a year', () => {
  test('counts what counts, from 1 January to 31 December', async () => {
    expect(await valuesOf('2024')).toEqual({
      // 2023 is not wholly known, so it is no comparison.
      plays: [8, null],
      minutes: [41, null],
      days: [5, null],
      songs: [3, null],
      artists: [2, null],
      albums: [2, null],
      'new artists': [1, null],
      streak: [2, null],
    })
  })

  test('compares with the year before, or its same days while the year is running', async () => {
    expect((await valuesOf('2025')).plays).toEqual([0, 8])
    // Up to 10 March; 2025 has no plays that count.
    expect((await valuesOf('2026')).plays).toEqual([2, 0])
    const earlier = await rowsOf('recap', '2025', { now: new Date('2025-03-10T12:00:00Z') })
    // Of the eight plays of 2024, six are from before 11 March.
    expect(earlier[0]).toMatchObject({ name: 'plays', previous: 6 })
  })

  test('says since when a year is known', async () => {
    expect((await rowsOf('recap', '2023'))[0]).toEqual({ name: 'plays', value: 2, previous: null, since: FIRST_DAY })
    expect((await rowsOf('recap', '2024'))[0]).toMatchObject({ since: null })
  })

  test('ends today, in the zone of the listener', async () => {
    const now = new Date('2025-12-31T23:30:00Z')
    const [plays] = await rowsOf('recap', '2026', { now, zone: 'Pacific/Auckland' })
    // Auckland is in 2026 already.
    expect(plays).toMatchObject({ value: 1 })
  })

  test('knows months, and which of them are not known', async () => {
    const rows = await rowsOf('recap-months', '2023')
    expect(rows).toHaveLength(12)
    expect(rows[0]).toEqual({ month: '2023-01-01', plays: null, minutes: null, first_day: null, last_day: null })
    expect(rows[10]).toMatchObject({ plays: 1, minutes: 3, first_day: '2023-11-20', last_day: '2023-11-30' })
    const running = await rowsOf('recap-months', '2026')
    expect(running.map(({ plays }) => plays)).toEqual([1, 0, 1, ...Array(9).fill(null)])
    expect(running[2]).toMatchObject({ first_day: '2026-03-01', last_day: '2026-03-10' })
  })

  test('remembers moments', async () => {
    const moments = await rowsOf('recap-moments', '2024')
    const byName = Object.fromEntries(moments.map((row) => [row.name, row]))
    expect(moments.map(({ name }) => name)).toEqual([
      'first song',
      'busiest day',
      'on repeat',
      'longest session',
      'longest streak',
      'last song',
    ])
    expect(byName['first song']).toMatchObject({
      track_id: 't2',
      started_at: '2024-01-02T08:00:00.000Z',
      artist_id: 'a2',
      artwork: 'https://i.scdn.co/image/album-2',
    })
    expect(byName['last song']).toMatchObject({ track_id: 't4', first_day: '2024-12-31' })
    expect(byName['busiest day']).toMatchObject({ first_day: '2024-06-01', minutes: 20, plays: 1, track_id: null })
    expect(byName['on repeat']).toMatchObject({ track_id: 't3', plays: 3, first_day: '2024-02-29', artwork: null })
    expect(byName['longest session']).toMatchObject({ started_at: '2024-06-01T09:40:00.000Z', minutes: 20 })
    expect(byName['longest streak']).toMatchObject({
      days: 2,
      first_day: '2024-01-02',
      last_day: '2024-01-03',
      plays: 3,
    })
  })

  test('leaves out moments that a year does not have', async () => {
    expect(await rowsOf('recap-moments', '2025')).toEqual([])
    expect((await rowsOf('recap-moments', '2026')).map(({ name }) => name)).toEqual([
      'first song',
      'busiest day',
      'longest streak',
      'last song',
    ])
  })

  test('ranks artists that were never played before', async () => {
    expect(await rowsOf('recap-new-artists', '2024')).toEqual([
      {
        rank: 1,
        previous_rank: null,
        artist_id: 'a4',
        name: 'Artist 4',
        artwork: 'https://i.scdn.co/image/4',
        plays: 3,
        minutes: 26,
        share: 37.5,
        first_day: '2024-01-02',
      },
    ])
    // What didn't count in 2024 was not heard.
    expect((await rowsOf('recap-new-artists', '2026')).map(({ artist_id }) => artist_id)).toEqual(['a5'])
    expect(await rowsOf('recap-new-artists', '2025')).toEqual([])
  })

  test('lists every year, also silent ones', async () => {
    expect((await rowsOf('recap-years', '')).map(({ year, plays }) => [year, plays])).toEqual([
      [2023, 2],
      [2024, 8],
      [2025, 0],
      [2026, 2],
    ])
  })
})
