import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Chart } from '#lib/charts/chart.ts'
import { type ChartName, charts } from '#lib/charts/index.ts'
import { fold } from '#lib/core/fold.ts'
import { calendarOf } from '#lib/core/period.ts'
import type { Row } from '#lib/core/table.ts'
import { buildModels } from '#lib/models/build.ts'
import { addRows, play, settings, songRows } from '#lib/models/fixtures.ts'
import { followedArtists } from '#lib/streams/followed-artists.ts'
import { playlistItems } from '#lib/streams/playlist-items.ts'
import { playlists } from '#lib/streams/playlists.ts'
import { savedAlbums } from '#lib/streams/saved-albums.ts'
import { savedTracks } from '#lib/streams/saved-tracks.ts'
import { historyTable, type Stream, streamTable } from '#lib/streams/stream.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { loadOf } from '#lib/warehouse/testing.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { cutPage, readChartQuery } from './chart-query.ts'
import { queryWarehouse } from './run-query.ts'

// The library and the playlists of a listener whose lists were read three times, on the first days of March.
const NOW = new Date('2026-03-10T12:00:00Z')
const ZONE = 'Europe/Berlin'
const CALENDAR = calendarOf({ zone: ZONE, weekStart: 1 }, '2026-03-01', NOW)

let folder: string
let bare: EmbeddedWarehouse
let warehouse: EmbeddedWarehouse

const seenOn = (day: number) => `2026-03-0${day}T12:00:00.000Z`

/** Loads a read of a stream; columns that are left out are null. */
async function read(into: EmbeddedWarehouse, stream: Stream, day: number, rows: Row[], part?: string): Promise<void> {
  const table = streamTable(stream)
  const history = historyTable(stream)
  if (!history || stream.history?.kind !== 'changes') throw new Error(`${stream.name} has no history of changes`)
  const empty = Object.fromEntries(Object.keys(table.columns).map((name) => [name, null]))
  await into.load(
    loadOf(
      rows.map((row) => ({ ...empty, ...row })),
      {
        table,
        mode: stream.load,
        history: { ...stream.history, table: history, seenAt: seenOn(day) },
        ...(part ? { parts: { column: 'playlist_id', values: [part] } } : {}),
      },
    ),
  )
}

const liked = (id: string, name: string, added_at: string, more: Row = {}): Row => ({
  id,
  name,
  added_at,
  artist_id: `artist-${id}`,
  artist_names: `The artist-${id}`,
  album_id: `album-${id}`,
  album_name: `Album album-${id}`,
  ...more,
})

const UBER = liked('uber', 'Über', '2026-01-31T23:30:00.000Z')
const PLAIN = liked('plain', '100% "plain"', '2026-01-05T10:00:00.000Z')
const GONE = liked('gone', 'Gone', '2025-12-05T10:00:00.000Z')
const LATE = liked('late', 'Late', '2026-03-02T10:00:00.000Z')

const item = (position: number, name: string | null, more: Row = {}): Row => ({
  playlist_id: 'mix',
  position,
  item_type: 'track',
  uri: name && `spotify:track:${name}`,
  track_id: name,
  name,
  is_local: false,
  added_at: `2026-02-0${position}T10:00:00.000Z`,
  duration_ms: 100_000,
  ...more,
})

const EPISODE = item(3, 'talk', {
  item_type: 'episode',
  track_id: null,
  uri: 'spotify:episode:talk',
  show_name: 'Show',
})
const LOCAL = item(4, 'tape', { is_local: true, track_id: null, uri: 'spotify:local:Band::tape:100' })

async function fill(into: EmbeddedWarehouse): Promise<void> {
  await read(into, savedTracks, 1, [UBER, PLAIN, GONE])
  await read(into, savedTracks, 2, [LATE, UBER, PLAIN, GONE])
  await read(into, savedTracks, 3, [LATE, { ...UBER, withheld_at: seenOn(3) }, PLAIN])
  await read(into, savedAlbums, 1, [liked('tide', 'Tide', '2026-02-01T10:00:00.000Z', { release_date: '1999' })])
  await read(into, followedArtists, 1, [{ id: 'emile', name: 'Émile', rank: 1 }])
  const list = (id: string, rank: number, more: Row = {}): Row => ({
    id,
    rank,
    name: `List ${id}`,
    items_total: 5,
    ...more,
  })
  await read(into, playlists, 1, [list('mix', 1, { owner_name: 'Me' }), list('other', 2), list('old', 3)])
  await read(into, playlists, 2, [list('mix', 1, { owner_name: 'Me' }), list('other', 2), list('fresh', 3)])
  const first: Row[] = [item(1, 'uber'), item(2, 'plain'), EPISODE, LOCAL]
  await read(into, playlistItems, 1, first, 'mix')
  const moved: Row[] = first.map((row) => ({ ...row, position: Number(row.position) + 1 }))
  await read(into, playlistItems, 2, [item(1, 'late', { added_at: LATE.added_at ?? null }), ...moved], 'mix')
  await read(into, playlistItems, 3, [item(1, 'late'), ...moved.filter(({ name }) => name !== 'plain')], 'mix')
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-library-'))
  bare = await openDuckdb(join(folder, 'bare.duckdb'))
  warehouse = await openDuckdb(join(folder, 'library.duckdb'))
  const music = [UBER, PLAIN, GONE, LATE].map(({ id, name }) => songRows(String(id), { name: String(name) }))
  await addRows(warehouse, {
    settings: [settings({ zone: ZONE })],
    tracks: [
      ...music.flatMap(({ tracks }) => tracks).map((row) => ({ ...row, folded: fold(row.name) })),
      { id: 'n-0123456789abcdef', uri: LOCAL.uri ?? null, name: 'tape', folded: 'tape' },
    ],
    artists: [...music.flatMap(({ artists }) => artists), { id: 'emile', name: 'Émile', folded: 'emile' }],
    albums: music.flatMap(({ albums }) => albums),
    plays: [
      play('plain', '2026-03-05T10:00:00.000Z'),
      play('plain', '2026-03-06T10:00:00.000Z'),
      play('late', '2026-03-07T10:00:00.000Z'),
    ],
  })
  await fill(warehouse)
  await fill(bare)
  await buildModels(warehouse, { now: () => NOW })
}, 60_000)

afterAll(async () => {
  await Promise.all([warehouse.close(), bare.close()])
  await rm(folder, { recursive: true, force: true })
})

async function page(name: ChartName, requested: Record<string, string> = {}, from = warehouse) {
  const chart: Chart = charts[name]
  const query = readChartQuery(chart, requested, CALENDAR)
  return cutPage(chart, query, await queryWarehouse(from, chart, { query, zone: ZONE }))
}

const rowsOf = async (name: ChartName, requested?: Record<string, string>, from?: EmbeddedWarehouse) =>
  (await page(name, requested, from)).rows

test('liked songs are listed newest first, with own plays, and those that are withheld are marked', async () => {
  const rows = await rowsOf('liked-songs')
  expect(rows.map(({ track_id, plays, withheld, found }) => [track_id, plays, withheld, found])).toEqual([
    ['late', 1, false, 3],
    ['uber', 0, true, 3],
    ['plain', 2, false, 3],
  ])
  expect(rows[0]).toMatchObject({ artist_id: 'artist-late', album_id: 'album-late', minutes: 3 })
})

test('pages of liked songs have each song once in every order', async () => {
  for (const sort of ['added', 'name', 'artist', 'plays']) {
    const seen: unknown[] = []
    let cursor: string | null = null
    do {
      const next: Awaited<ReturnType<typeof page>> = await page('liked-songs', {
        sort,
        limit: '1',
        ...(cursor ? { cursor } : {}),
      })
      seen.push(...next.rows.map(({ track_id }) => track_id))
      cursor = next.next
    } while (cursor)
    expect(seen.toSorted(), sort).toEqual(['late', 'plain', 'uber'])
    if (sort === 'plays') expect(seen).toEqual(['plain', 'late', 'uber'])
  }
})

test.each([
  ['UBER', ['uber']],
  ['artist-pl', ['plain']],
  ['album-late', ['late']],
  ['100% "', ['plain']],
  ['_', []],
])('a search of liked songs for %j finds %j', async (search, ids) => {
  for (const from of [warehouse, bare]) {
    const rows = await rowsOf('liked-songs', { search }, from)
    expect(rows.map(({ track_id }) => track_id)).toEqual(ids)
    expect(rows.every(({ found }) => found === ids.length)).toBe(true)
  }
})

test('lists are there before the models, without plays', async () => {
  for (const sort of ['added', 'plays']) {
    const rows = await rowsOf('liked-songs', { sort }, bare)
    expect(rows.map(({ plays }) => plays)).toEqual([null, null, null])
  }
  expect(await rowsOf('playlist-items', { playlist: 'mix', sort: 'plays' }, bare)).toHaveLength(4)
  expect(await rowsOf('playlists', {}, bare)).toMatchObject([{ plays: null, listed: 4 }, {}, {}])
})

test('albums and artists are listed too', async () => {
  expect(await rowsOf('saved-albums', { search: 'tide' })).toMatchObject([
    { album_id: 'tide', release_date: '1999', plays: null },
  ])
  expect(await rowsOf('followed-artists', { search: 'Emile' })).toMatchObject([{ artist_id: 'emile', name: 'Émile' }])
})

test('the counts of the library equal its lists', async () => {
  expect(await rowsOf('library-figures')).toMatchObject([
    { name: 'songs', value: 3, withheld: 1 },
    { name: 'albums', value: 1, withheld: 0 },
    { name: 'artists', value: 1, withheld: 0 },
  ])
})

test('changes of the library start with what the first read found', async () => {
  const rows = await rowsOf('library-changes')
  expect(
    rows.map(({ seen_at, change, item_id, entries }) => [String(seen_at).slice(0, 10), change, item_id, entries]),
  ).toEqual([
    ['2026-03-03', 'removed', 'gone', 1],
    ['2026-03-02', 'added', 'late', 1],
    ['2026-03-01', 'first', null, 3],
  ])
  expect(rows[0]).toMatchObject({ name: 'Gone', item_type: 'tracks' })
})

test('months of the library are those of the listener’s zone and know what was removed', async () => {
  expect((await rowsOf('library-months')).slice(0, 4)).toEqual([
    { month: '2025-12-01', added: 1, removed: 0 },
    { month: '2026-01-01', added: 1, removed: 0 },
    { month: '2026-02-01', added: 1, removed: 0 },
    { month: '2026-03-01', added: 1, removed: 1 },
  ])
})

test('playlists have their entries, own plays and last change', async () => {
  const rows = await rowsOf('playlists')
  expect(
    rows.map(({ playlist_id, listed, items, plays, changed_at }) => [playlist_id, listed, items, plays, changed_at]),
  ).toEqual([
    ['mix', 4, 5, 1, seenOn(3)],
    ['other', null, 5, null, null],
    ['fresh', null, 5, null, null],
  ])
  expect(await rowsOf('playlists', { playlist: 'other' })).toMatchObject([
    { playlist_id: 'other', hidden: true, found: 1 },
  ])
  expect(await rowsOf('playlists', { playlist: 'unknown' })).toEqual([])
})

test('a playlist lists songs, episodes and local files in their order', async () => {
  const rows = await rowsOf('playlist-items', { playlist: 'mix' })
  expect(rows.map(({ position, kind, track_id, plays }) => [position, kind, track_id, plays])).toEqual([
    [1, 'song', 'late', 1],
    [2, 'song', 'uber', 0],
    [4, 'episode', null, null],
    [5, 'local file', 'n-0123456789abcdef', 0],
  ])
  expect(rows[2]).toMatchObject({ artists: 'Show', found: 4, total_ms: 400_000 })
  expect(await rowsOf('playlist-items', { playlist: 'mix', search: 'uber' })).toMatchObject([{ position: 2, found: 1 }])
})

test('changes of a playlist are songs that came and went, not positions', async () => {
  const rows = await rowsOf('playlist-changes', { playlist: 'mix' })
  expect(rows.map(({ change, item_id, entries }) => [change, item_id, entries])).toEqual([
    ['removed', 'plain', 1],
    ['added', 'late', 1],
    ['first', null, 4],
  ])
})

test('changes of all playlists name the playlist, and playlists that came and went', async () => {
  const rows = await rowsOf('playlist-changes')
  expect(
    rows.map(({ change, item_type, item_id, playlist, entries }) => [change, item_type, item_id, playlist, entries]),
  ).toEqual([
    ['removed', 'tracks', 'plain', 'List mix', 1],
    ['added', 'playlists', 'fresh', 'List fresh', 1],
    ['added', 'tracks', 'late', 'List mix', 1],
    ['removed', 'playlists', 'old', 'List old', 1],
    ['first', 'playlists', null, null, 3],
  ])
})
