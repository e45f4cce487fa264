import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Chart } from '#lib/charts/chart.ts'
import { type ChartName, charts } from '#lib/charts/index.ts'
import { contextAt } from '#lib/charts/testing.ts'
import { fold } from '#lib/core/fold.ts'
import { calendarOf } from '#lib/core/period.ts'
import type { Row, TableName } from '#lib/core/table.ts'
import { buildModels } from '#lib/models/build.ts'
import { addRows, importedPlay, play, settings, songRows } from '#lib/models/fixtures.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { cutPage, readChartQuery } from './chart-query.ts'
import { queryWarehouse } from './run-query.ts'

// Plays and lists of one song, artist or album, from models that were built from raw rows.
const NOW = new Date('2026-03-10T12:00:00Z')
const CALENDAR = calendarOf({ zone: 'Europe/Berlin', weekStart: 1 }, '2026-03-01', NOW)

let folder: string
let warehouse: EmbeddedWarehouse

const MOTH = { artist: 'moth', album: 'tide' }
const SAME_MOMENT = '2026-03-06T10:00:00.000Z'

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-music-'))
  warehouse = await openDuckdb(join(folder, 'music.duckdb'))
  const [first, ...more] = [
    songRows('one', { name: 'Über', ...MOTH }),
    songRows('two', { name: '100% "wow"', ...MOTH }),
    songRows('never', { name: 'Not played', ...MOTH }),
  ] as const
  const other = songRows('other', { name: 'Elsewhere', artist: 'pebble', album: 'stone' })
  const of = (track: string) => ({
    artist_id: track === 'other' ? 'pebble' : 'moth',
    album_id: track === 'other' ? 'stone' : 'tide',
  })
  const heard = (track: string, at: string) => play(track, at, of(track))
  await addRows(warehouse, {
    settings: [settings({ zone: 'Europe/Berlin' })],
    tracks: [first, ...more, other].flatMap(({ tracks }) => tracks).map((row) => ({ ...row, folded: fold(row.name) })),
    artists: [...first.artists, ...other.artists],
    albums: [...first.albums, ...other.albums],
    plays: [
      heard('one', '2026-03-05T23:30:00.000Z'),
      heard('two', SAME_MOMENT),
      heard('one', SAME_MOMENT),
      heard('other', SAME_MOMENT),
      heard('one', '2026-03-08T10:00:00.000Z'),
    ],
    imported_plays: [
      importedPlay('one', '2026-03-02T10:00:00.000Z', { ...of('one'), ms_played: 61_000 }),
      importedPlay('one', '2026-03-02T11:00:00.000Z', { ...of('one'), ms_played: 9_000 }),
    ],
    excluded_plays: [
      { played_at: '2026-03-08T10:00:00.000Z', uri: 'spotify:track:one', excluded: true, changed_at: SAME_MOMENT },
    ],
  })
  await buildModels(warehouse, { now: () => NOW })
})

afterAll(async () => {
  await warehouse.close()
  await rm(folder, { recursive: true, force: true })
})

const ALL = { from: '2026-03-01', to: '2026-03-10' }

async function page(name: ChartName, requested: Record<string, string>) {
  const chart: Chart = charts[name]
  const query = readChartQuery(chart, { ...ALL, ...requested }, CALENDAR)
  return cutPage(chart, query, await queryWarehouse(warehouse, chart, { query, zone: 'Europe/Berlin' }))
}

const rowsOf = async (name: ChartName, requested: Record<string, string> = {}) => (await page(name, requested)).rows

const playOf = ({ played_at, track_id }: Row) => `${String(played_at).slice(5, 16)} ${track_id}`

test('the history has every play once, newest first, and says which ones count', async () => {
  const rows = await rowsOf('history')
  expect(rows.map((row) => [playOf(row), row.ms_played, row.ms_known, row.counts, row.excluded])).toEqual([
    ['03-08T10:00 one', 200_000, false, false, true],
    ['03-06T10:00 one', 200_000, false, true, false],
    ['03-06T10:00 other', 200_000, false, true, false],
    ['03-06T10:00 two', 200_000, false, true, false],
    ['03-05T23:30 one', 200_000, false, true, false],
    ['03-02T11:00 one', 9_000, true, false, false],
    ['03-02T10:00 one', 61_000, true, true, false],
  ])
  expect(rows[1]).toMatchObject({ name: 'Über', artist_id: 'moth', album_id: 'tide', uri: 'spotify:track:one' })
})

test('the history can be limited to excluded plays', async () => {
  expect((await rowsOf('history', { show: 'excluded' })).map(playOf)).toEqual(['03-08T10:00 one'])
  expect(await rowsOf('history', { show: 'excluded', to: '2026-03-07' })).toEqual([])
  await expect(rowsOf('history', { show: 'other' })).rejects.toMatchObject({ code: 'wrong-parameter' })
})

test.each([
  ['figures', 4],
  ['last-week', 4],
  ['recent-plays', 4],
] as const)('excluded plays are not in the chart %s either, which needs no models', async (name, plays) => {
  const chart: Chart = charts[name]
  const table = ({ schema, name }: TableName) => warehouse.table(schema, name)
  const playsOf = async (has: boolean) => {
    const context = contextAt(NOW, {
      table,
      has: ({ name: one }) => (one === 'excluded_plays' ? has : !one.startsWith('user_')),
    })
    const { text, values } = chart.sql(context, {})
    const rows = await warehouse.query(text, values)
    return name === 'recent-plays' ? rows.length : rows[0]?.value
  }
  expect(await playsOf(true)).toBe(plays)
  // A warehouse into which none were loaded.
  expect(await playsOf(false)).toBe(plays + 1)
})

test('pages of the history continue after plays of the same moment, without a gap or a repetition', async () => {
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const next: Awaited<ReturnType<typeof page>> = await page('history', { limit: '2', ...(cursor ? { cursor } : {}) })
    seen.push(...next.rows.map(playOf))
    cursor = next.next
  } while (cursor)
  expect(seen).toEqual((await rowsOf('history')).map(playOf))
})

test.each([
  ['["2026-03-06T10:00:00.000Z", "one"]'],
  ['["yesterday", "one", 1]'],
  ['["2026-03-06T10:00:00.000Z", "one", "a lot"]'],
  ['[]'],
])('a made-up cursor %s is refused', async (after) => {
  const cursor = Buffer.from(`{"after":${after}}`).toString('base64url')
  await expect(page('history', { cursor })).rejects.toMatchObject({ code: 'wrong-parameter' })
})

test.each([
  [{ track: 'two' }, ['03-06T10:00 two']],
  [{ album: 'stone' }, ['03-06T10:00 other']],
  [{ artist: 'pebble' }, ['03-06T10:00 other']],
  [{ artist: 'unknown' }, []],
  [{ search: '%' }, ['03-06T10:00 two']],
  [{ search: 'PEBBLE' }, ['03-06T10:00 other']],
  [{ search: 'uber', from: '2026-03-06', to: '2026-03-06' }, ['03-06T10:00 one', '03-05T23:30 one']],
])('the history of %o', async (requested, plays) => {
  expect((await rowsOf('history', requested)).map(playOf)).toEqual(plays)
})

test('minutes per day can be about one song, artist or album', async () => {
  const minutes = async (requested: Record<string, string>) =>
    (await rowsOf('minutes-per-day', { ...requested, from: '2026-03-05', to: '2026-03-08' })).map((row) => row.minutes)
  expect(await minutes({})).toEqual([0, 13, 0, 0])
  expect(await minutes({ track: 'one' })).toEqual([0, 7, 0, 0])
  expect(await minutes({ artist: 'pebble' })).toEqual([0, 3, 0, 0])
  expect(await minutes({ album: 'nothing' })).toEqual([0, 0, 0, 0])
  await expect(minutes({ track: 'one', artist: 'moth' })).rejects.toMatchObject({ code: 'wrong-parameter' })
})

test('hours of the day can be about one song', async () => {
  const hours = async (requested: Record<string, string>) =>
    (await rowsOf('hours', requested)).flatMap(({ hour, plays }) => (plays ? [[hour, plays]] : []))
  // In Berlin, an hour later.
  expect(await hours({})).toEqual([
    [0, 1],
    [11, 4],
  ])
  expect(await hours({ track: 'one' })).toEqual([
    [0, 1],
    [11, 2],
  ])
  expect(await hours({ album: 'stone' })).toEqual([[11, 1]])
})

test('an album lists all of its known songs with their plays in the period', async () => {
  const rows = await rowsOf('songs', { album: 'tide', from: '2026-03-06' })
  expect(rows.map(({ track_id, plays, minutes }) => [track_id, plays, minutes])).toEqual([
    ['one', 2, 7],
    ['two', 1, 3],
    ['never', 0, 0],
  ])
  expect(rows[2]).toMatchObject({ name: 'Not played', last_played: null, album: 'Album tide' })
  expect((await rowsOf('songs', { artist: 'moth', search: '"' })).map(({ track_id }) => track_id)).toEqual(['two'])
  await expect(rowsOf('songs')).rejects.toMatchObject({ code: 'wrong-parameter' })
})

test.each(['plays', 'minutes', 'name', 'last', 'track'])('songs can be sorted by %s', async (sort) => {
  expect(await rowsOf('songs', { artist: 'moth', sort })).toHaveLength(3)
})

test.each(['plays', 'minutes', 'name', 'last', 'released'])('albums of an artist can be sorted by %s', async (sort) => {
  expect(await rowsOf('albums', { artist: 'moth', sort })).toMatchObject([{ album_id: 'tide', plays: 4 }])
})

test.each(['top-songs', 'top-artists-played', 'top-albums'] as const)(
  '%s of all time, which the models have counted, are those of its days',
  async (name) => {
    const chart: Chart = charts[name]
    const read = async (requested: Record<string, string>) => {
      const query = readChartQuery(chart, requested, CALENDAR)
      return queryWarehouse(warehouse, chart, { query, zone: 'Europe/Berlin' })
    }
    const rows = await read({ period: 'all' })
    expect(rows.length).toBeGreaterThan(0)
    expect(rows).toEqual(await read(ALL))
    expect(await read({ period: 'all', sort: 'minutes' })).toEqual(await read({ ...ALL, sort: 'minutes' }))
  },
)

test.each(['', 'abc', '0', '0000', '2005', '2027', '9999', '2026-01', '-2026', '20260'])(
  'a recap of "%s" is refused',
  (year) => {
    expect(() => readChartQuery(charts.recap, { year }, CALENDAR)).toThrow('The parameter "year" is invalid')
  },
)

test('a recap is of a year up to the present one', () => {
  expect(readChartQuery(charts.recap, { year: '2006' }, CALENDAR)).toMatchObject({ subject: 'year', about: '2006' })
  expect(readChartQuery(charts.recap, { year: '2026' }, CALENDAR).shown).toEqual({ year: '2026' })
  expect(() => readChartQuery(charts.recap, {}, CALENDAR)).toThrow('The parameter "year" is invalid')
})
