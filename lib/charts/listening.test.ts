import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Columns, Row, TableName } from '#lib/core/table.ts'
import { AGG_DAYS, DIM_ALBUMS, DIM_ARTISTS, DIM_TRACKS, FCT_PLAYS } from '#lib/models/tables.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { loadOf } from '#lib/warehouse/testing.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import type { Chart, QueryContext } from './chart.ts'
import { type ChartName, charts } from './index.ts'
import { contextAt } from './testing.ts'

// The charts of listening over a few plays: two songs of one artist, and one of another.
const NOW = new Date('2026-03-10T12:00:00Z')

let folder: string
let warehouse: EmbeddedWarehouse

async function create(table: TableName, columns: Columns, key: string[], rows: Row[]): Promise<void> {
  const full = { ...table, columns, key }
  await warehouse.load(loadOf(rows, { table: full }))
}

const play = (n: number, day: string, track_key: number, more: Row = {}): Row => ({
  n,
  played_at: `${day}T10:00:00.000Z`,
  day,
  track_key,
  artist_key: track_key === 3 ? 2 : 1,
  album_key: track_key === 3 ? null : 1,
  ms_played: 180_000,
  counts: true,
  ...more,
})

const heard = { folded: 'text', first_played_at: 'timestamp' } as const

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-charts-'))
  warehouse = await openDuckdb(join(folder, 'charts.duckdb'))
  const plays = [
    play(1, '2026-02-20', 1),
    play(2, '2026-03-05', 1),
    play(3, '2026-03-06', 2),
    play(4, '2026-03-06', 1),
    play(5, '2026-03-07', 3),
    play(6, '2026-03-07', 3, { counts: false }),
  ]
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
  const days = Array.from({ length: 19 }, (_, at) => new Date(Date.UTC(2026, 1, 20 + at)).toISOString().slice(0, 10))
  const counted = (day: string) => plays.filter((one) => one.day === day && one.counts).length
  await create(
    AGG_DAYS,
    { day: 'date', plays: 'integer', ms_played: 'integer' },
    ['day'],
    days.map((day) => ({ day, plays: counted(day), ms_played: counted(day) * 180_000 })),
  )
  const first = (at: string) => ({ first_played_at: `${at}T10:00:00.000Z` })
  await create(
    DIM_TRACKS,
    {
      track_key: 'integer',
      track_id: 'text',
      name: 'text',
      artist_names: 'text',
      artist_key: 'integer',
      album_key: 'integer',
      ...heard,
    },
    ['track_key'],
    [
      {
        track_key: 1,
        track_id: 't1',
        name: 'Über',
        folded: 'uber',
        artist_names: 'Moth',
        artist_key: 1,
        album_key: 1,
        ...first('2026-02-20'),
      },
      {
        track_key: 2,
        track_id: 't2',
        name: '100% "wow"',
        folded: '100% "wow"',
        artist_names: 'Moth',
        artist_key: 1,
        album_key: 1,
        ...first('2026-03-06'),
      },
      {
        track_key: 3,
        track_id: 'n-3',
        name: null,
        folded: null,
        artist_names: 'Pebble',
        artist_key: 2,
        album_key: null,
        ...first('2026-03-07'),
      },
    ],
  )
  const picture = { image_url: 'text', image_small_url: 'text' } as const
  const none = { image_url: null, image_small_url: null }
  await create(
    DIM_ARTISTS,
    { artist_key: 'integer', artist_id: 'text', name: 'text', ...picture, ...heard },
    ['artist_key'],
    [
      { artist_key: 1, artist_id: 'a1', name: 'Moth', folded: 'moth', ...none, ...first('2026-02-20') },
      { artist_key: 2, artist_id: 'a2', name: 'Pebble', folded: 'pebble', ...none, ...first('2026-03-07') },
    ],
  )
  await create(
    DIM_ALBUMS,
    { album_key: 'integer', album_id: 'text', name: 'text', artist_names: 'text', ...picture, ...heard },
    ['album_key'],
    [
      {
        album_key: 1,
        album_id: 'al1',
        name: 'Tide',
        folded: 'tide',
        artist_names: 'Moth',
        ...none,
        ...first('2026-02-20'),
      },
    ],
  )
})

afterAll(async () => {
  await warehouse.close()
  await rm(folder, { recursive: true, force: true })
})

const WEEK = { from: '2026-03-04', to: '2026-03-10' }
const BEFORE = { from: '2026-02-20', to: '2026-02-26' }

async function rowsOf(name: ChartName, more: Partial<QueryContext> = {}): Promise<Row[]> {
  const chart: Chart = charts[name]
  const table: QueryContext['table'] = (one) => warehouse.table(one.schema, one.name)
  const page = { limit: 51, offset: 0, after: null, sort: chart.list?.sorts[0] ?? '', search: '' }
  const { text, values } = chart.sql(contextAt(NOW, { table, period: WEEK, page, ...more }), {})
  return (await warehouse.query(text, values)).map((row) => chart.row.parse(row) as Row)
}

test('figures of a period count what counts, and compare with another', async () => {
  const values = async (more: Partial<QueryContext>) =>
    Object.fromEntries(
      (await rowsOf('overview-figures', more)).map(({ name, value, previous, since }) => [
        name,
        [value, previous, since],
      ]),
    )
  expect(await values({ compared: BEFORE })).toEqual({
    plays: [4, 1, null],
    minutes: [12, 3, null],
    songs: [3, 1, null],
    artists: [2, 1, null],
    'new artists': [1, 1, null],
    streak: [3, 1, null],
  })
})

test('figures of a period that begins before the first play say since when they count', async () => {
  const early = { from: '2026-02-01', to: '2026-03-10' }
  const rows = await rowsOf('overview-figures', { period: early, compared: { from: '2026-01-01', to: '2026-01-31' } })
  expect(rows[0]).toEqual({ name: 'plays', value: 5, previous: null, since: '2026-02-20' })
})

test('minutes per day have a bar for each day, with the same day of the compared period behind it', async () => {
  const rows = await rowsOf('minutes-per-day', { compared: BEFORE })
  expect(
    rows.map(({ day, minutes, compared_day, compared_minutes }) => [day, minutes, compared_day, compared_minutes]),
  ).toEqual([
    ['2026-03-04', 0, '2026-02-20', 3],
    ['2026-03-05', 3, '2026-02-21', 0],
    ['2026-03-06', 6, '2026-02-22', 0],
    ['2026-03-07', 3, '2026-02-23', 0],
    ['2026-03-08', 0, '2026-02-24', 0],
    ['2026-03-09', 0, '2026-02-25', 0],
    ['2026-03-10', 0, '2026-02-26', 0],
  ])
})

test('long periods have a bar for each week or month, which add up to the same', async () => {
  for (const from of ['2025-10-01', '2020-01-01']) {
    const rows = await rowsOf('minutes-per-day', { period: { from, to: '2026-03-10' } })
    expect(rows.length).toBeLessThan(10)
    expect(rows.reduce((sum, { plays }) => sum + Number(plays), 0)).toBe(5)
  }
})

test('top songs rank by plays, with the rank in the compared period', async () => {
  const rows = await rowsOf('top-songs', { compared: BEFORE })
  expect(
    rows.map(({ rank, track_id, plays, minutes, share, previous_rank }) => [
      rank,
      track_id,
      plays,
      minutes,
      share,
      previous_rank,
    ]),
  ).toEqual([
    [1, 't1', 2, 6, 50, 1],
    [2, 't2', 1, 3, 25, null],
    [2, 'n-3', 1, 3, 25, null],
  ])
  expect(rows[0]).toMatchObject({ name: 'Über', artists: 'Moth', artist_id: 'a1', album_id: 'al1', album: 'Tide' })
})

test.each([
  ['uber', ['t1']],
  ['%', ['t2']],
  ['"wow"', ['t2']],
  ['_', []],
])('a search for %j finds %j and keeps ranks and shares', async (search, ids) => {
  const page = { limit: 51, offset: 0, after: null, sort: 'plays', search }
  const rows = await rowsOf('top-songs', { page })
  expect(rows.map(({ track_id }) => track_id)).toEqual(ids)
  if (ids[0] === 't2') expect(rows[0]).toMatchObject({ rank: 2, share: 25 })
})

test('lists come in pages and in each of their orders', async () => {
  const ids = async (sort: string, limit: number, offset: number) =>
    (await rowsOf('top-songs', { page: { limit, offset, after: null, sort, search: '' } })).map(
      ({ track_id }) => track_id,
    )
  expect(await ids('plays', 2, 0)).toEqual(['t1', 't2'])
  expect(await ids('plays', 2, 2)).toEqual(['n-3'])
  expect(await ids('minutes', 5, 0)).toEqual(['t1', 't2', 'n-3'])
  expect(await ids('first', 5, 0)).toEqual(['n-3', 't2', 't1'])
  expect((await ids('name', 5, 0)).slice(0, 2)).toEqual(['t2', 't1'])
})

test('artists and albums are ranked too', async () => {
  expect(await rowsOf('top-artists-played')).toMatchObject([
    { rank: 1, artist_id: 'a1', name: 'Moth', plays: 3, share: 75 },
    { rank: 2, artist_id: 'a2', name: 'Pebble', plays: 1, share: 25 },
  ])
  expect(await rowsOf('top-albums')).toMatchObject([{ rank: 1, album_id: 'al1', name: 'Tide', plays: 3, share: 100 }])
})

test('sparklines divide the plays of a period into equal parts', async () => {
  const sparks = async (name: ChartName, more: Partial<QueryContext> = {}) =>
    (await rowsOf(name, more)).map(({ sparkline }) => sparkline)
  expect(await sparks('top-songs')).toEqual([
    [0, 1, 1, 0, 0, 0, 0],
    [0, 0, 1, 0, 0, 0, 0],
    [0, 0, 0, 1, 0, 0, 0],
  ])
  expect(await sparks('top-albums')).toEqual([[0, 1, 2, 0, 0, 0, 0]])
  const [long] = (await sparks('top-artists-played', {
    period: { from: '2020-01-01', to: '2026-03-10' },
  })) as number[][]
  expect(long).toHaveLength(24)
  expect(long?.at(-1)).toBe(4)
})

test('the lines of the top 10 rank all plays since the period began, day by day', async () => {
  const chart: Chart = charts['rank-lines']
  const lines = async (what: string, period = WEEK) => {
    const table: QueryContext['table'] = (one) => warehouse.table(one.schema, one.name)
    const { text, values } = chart.sql(contextAt(NOW, { table, period }), { what })
    return (await warehouse.query(text, values)).map((row) => chart.row.parse(row) as Row)
  }
  const shown = (rows: Row[]) => rows.map(({ day, id, rank, plays }) => [String(day).slice(5), id, rank, plays])
  expect(shown(await lines('tracks')).slice(0, 6)).toEqual([
    ['03-05', 't1', 1, 1],
    ['03-06', 't1', 1, 2],
    ['03-06', 't2', 2, 1],
    ['03-07', 't1', 1, 2],
    ['03-07', 't2', 2, 1],
    ['03-07', 'n-3', 3, 1],
  ])
  expect(shown(await lines('artists')).slice(-2)).toEqual([
    ['03-10', 'a1', 1, 3],
    ['03-10', 'a2', 2, 1],
  ])
  expect(shown(await lines('albums', { from: '2026-03-06', to: '2026-03-06' }))).toEqual([['03-06', 'al1', 1, 2]])
  // Points of a long period are far apart, and the last one is its end.
  const long = await lines('tracks', { from: '2020-01-01', to: '2026-03-10' })
  expect(new Set(long.map(({ day }) => day))).toEqual(new Set(['2026-03-10']))
  expect(await lines('tracks', { from: '2026-01-01', to: '2026-01-31' })).toEqual([])
})
