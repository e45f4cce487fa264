import { expect, test } from 'vitest'
import { ImportedPage, importedPlays } from './imported-plays.ts'

const PLACE = { rank: 1, syncedAt: '2026-11-20T06:00:00.000Z', part: null }
const play = {
  playedAt: '2020-05-01T22:03:04.5+02:00',
  uri: 'spotify:track:tide',
  msPlayed: 181_000,
  track: 'Low Tide',
  artist: 'Pebble',
  album: null,
  kind: 'song',
  skipped: null,
  private: false,
  offline: false,
  reasonStart: null,
  reasonEnd: 'fwdbtn',
}

const rowsOf = (...items: unknown[]) =>
  importedPlays
    .page({ source: 'lastfm', importId: 'one', items })
    .items.map((item) => importedPlays.row(item, PLACE) as Record<string, unknown>)

test('the columns of imported music are those that models expect', () => {
  const [item] = importedPlays.page({
    source: 'lastfm',
    importId: 'one',
    items: [{ ...play, album: 'Tidepool' }],
  }).items
  for (const { table, id, row } of importedPlays.importedMusic?.(item, PLACE.syncedAt) ?? []) {
    expect(Object.keys(row).sort()).toEqual(Object.keys(table.columns).sort())
    expect(row).toMatchObject({ id, import_id: 'one' })
  }
})

test('a play without a time has the length 0, which models read as unknown', () => {
  expect(rowsOf({ ...play, msPlayed: null })[0]).toMatchObject({ ms_played: 0 })
})

test('a row has exactly the columns of the table', () => {
  const [row] = rowsOf(play)
  expect(Object.keys(row ?? {}).sort()).toEqual(Object.keys(importedPlays.columns).sort())
  expect(row).toMatchObject({ played_at: '2020-05-01T20:03:04.500Z', source: 'lastfm', import_id: 'one' })
})

test.each([
  ['an episode', { kind: 'podcast', uri: 'spotify:episode:e1' }, { uri: 'spotify:episode:e1', track_id: null }],
  ['a book without a URI', { kind: 'audiobook', uri: null }, { uri: expect.stringMatching(/^n-/), artist_id: null }],
  ['a local file', { uri: 'spotify:local:Pebble::Low+Tide:181' }, { track_id: expect.stringMatching(/^n-/) }],
])('%s has ids of its own kind', (_what, changes, expected) => {
  expect(rowsOf({ ...play, ...changes })[0]).toMatchObject(expected)
})

test('an item that cannot be a play is rejected, and the others stay', () => {
  const rows = rowsOf({ ...play, msPlayed: -1 }, null, { ...play, uri: null, track: null }, play)
  expect(rows.map((row) => row.rejected ?? row.uri)).toEqual([
    'item in an unexpected format',
    'item in an unexpected format',
    'neither URI nor name',
    'spotify:track:tide',
  ])
})

test('a song is described once for a page, however often it was played', () => {
  const { items } = importedPlays.page({
    source: 'lastfm',
    importId: 'one',
    items: [play, play, { ...play, album: 'Tidepool' }],
  })
  const described = items.flatMap((item) => [...(importedPlays.importedMusic?.(item, PLACE.syncedAt) ?? [])])
  const named = described.map(({ table, row }) => `${table.name}: ${row.name} ${row.album_name ?? ''}`.trim())
  expect(named).toEqual([
    'imported_tracks: Low Tide',
    'imported_artists: Pebble',
    'imported_tracks: Low Tide Tidepool',
    'imported_albums: Tidepool',
    'imported_artists: Pebble',
  ])
})

test('a page takes 5,000 plays', () => {
  const page = (items: unknown[]) => ({ source: 'lastfm', importId: 'one', items })
  expect(ImportedPage.safeParse(page(Array(5_000).fill(play))).success).toBe(true)
  expect(ImportedPage.safeParse(page(Array(5_001).fill(play))).success).toBe(false)
})
