import { expect } from 'vitest'
import { now } from '#lib/core/clock.ts'
import { fold, idFromNames } from '#lib/core/fold.ts'
import { addDays } from '#lib/core/period.ts'
import type { Row } from '#lib/core/table.ts'
import { db } from '#lib/db.ts'
import { buildModels } from '#lib/models/build.ts'
import { addRows, play, songRows } from '#lib/models/fixtures.ts'
import { openEmbeddedCopy } from '#lib/storage/places.ts'
import { playlistItems } from '#lib/streams/playlist-items.ts'
import { playlists } from '#lib/streams/playlists.ts'
import { savedTracks } from '#lib/streams/saved-tracks.ts'
import { type Stream, streamTable } from '#lib/streams/stream.ts'
import { loadOf } from '#lib/warehouse/testing.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { test } from '#testing/sync/fixture.ts'
import { newListener } from '#testing/sync/listeners.ts'
import { findAlbum, findArtist, findTrack } from './music.ts'
import { searchMusic } from './search.ts'

// One listener whose warehouse holds a few songs: played, only liked, only in a playlist, and one without Spotify's id.

const MOTH = { artist: 'moth', album: 'tide' }
const LOCAL = idFromNames('Demo Tape', 'The moth')
const LEARNED = idFromNames('Über', 'The moth')

let userId: string
let warehouse: EmbeddedWarehouse

const songs = [
  songRows('one', { name: 'Über', ...MOTH }),
  songRows('two', { name: '100% "wow" 🦋', ...MOTH }),
  songRows('liked', { name: 'Only liked', ...MOTH }),
  songRows('rtl', { name: 'شجرة الليمون', artist: 'lemon', album: 'trees' }),
  songRows('other', { name: 'Tuber', artist: 'pebble', album: 'stone' }),
  songRows(LOCAL, { name: 'Demo Tape', ...MOTH }),
]

const folded = <Item extends { name: string }>(row: Item) => ({ ...row, folded: fold(row.name) })
const byId = <Item extends { id: string; name: string }>(rows: Item[]) => [
  ...new Map(rows.map((row) => [row.id, folded(row)])).values(),
]

async function fill(stream: Stream, rows: Row[]): Promise<void> {
  const table = streamTable(stream)
  const empty = Object.fromEntries(Object.keys(table.columns).map((name) => [name, null]))
  await warehouse.load(
    loadOf(
      rows.map((row) => ({ ...empty, ...row })),
      { table, mode: 'overwrite' },
    ),
  )
}

async function changed(): Promise<void> {
  await db().user.update({ where: { id: userId }, data: { dataVersion: { increment: 1 }, dataAsOf: now() } })
}

test.beforeAll(async ({ harness }) => {
  userId = (await newListener(harness, 'load-61')).userId
  warehouse = await openEmbeddedCopy({ userId })
  const at = (hours: number) => new Date(harness.now().getTime() - hours * 3_600_000).toISOString()
  const heard = (track: string, hours: number, more = { artist_id: 'moth', album_id: 'tide' }) =>
    play(track, at(hours), more)
  await addRows(warehouse, {
    tracks: byId(songs.flatMap(({ tracks }) => tracks)).map((row) => ({ ...row, artist_ids: String(row.artist_id) })),
    artists: byId(songs.flatMap(({ artists }) => artists)),
    albums: byId(songs.flatMap(({ albums }) => albums)).map((row) => ({ ...row, release_date: '2019-05' })),
    plays: [
      heard('one', 1),
      heard('one', 30),
      heard('two', 2),
      heard('other', 3, { artist_id: 'pebble', album_id: 'stone' }),
      heard('other', 4, { artist_id: 'pebble', album_id: 'stone' }),
      heard('other', 5, { artist_id: 'pebble', album_id: 'stone' }),
      heard(LOCAL, 6),
    ],
  })
  await fill(playlists, [
    { id: 'p1', rank: 1, name: 'Übermut', items_total: 3 },
    { id: 'p2', rank: 2, name: 'Rainy', items_total: 1 },
  ])
  await fill(playlistItems, [
    { playlist_id: 'p1', position: 1, track_id: 'one', uri: 'spotify:track:one' },
    { playlist_id: 'p1', position: 2, track_id: 'one', uri: 'spotify:track:one' },
    { playlist_id: 'p2', position: 1, track_id: 'liked', uri: 'spotify:track:liked' },
  ])
  await fill(savedTracks, [{ id: 'liked', added_at: '2026-01-02T03:04:05.000Z' }])
  await buildModels(warehouse, { now })
  await changed()
})

test('a song has its credits, plays, rank with neighbors and playlists', async () => {
  const song = await findTrack(userId, 'one', {})
  expect(song).toMatchObject({
    id: 'one',
    name: 'Über',
    artists: [{ id: 'moth', name: 'The moth' }],
    album: { id: 'tide', name: 'Album tide' },
    released: '2019-05',
    durationMs: 200_000,
    likedAt: null,
    playlists: [{ id: 'p1', name: 'Übermut', songs: 2 }],
  })
  const { plays, minutes, days, share, playsEver, period, rank } = song.listening
  expect({ plays, minutes, days, share, playsEver }).toEqual({
    plays: 2,
    minutes: 7,
    days: 2,
    share: 28.57,
    playsEver: 2,
  })
  expect(period.preset).toBe('all')
  expect(rank?.rank).toBe(2)
  expect(rank?.of).toBe(4)
  expect(rank?.neighbors.map(({ rank, id, plays }) => [rank, id, plays])).toEqual([
    [1, 'other', 3],
    [2, 'one', 2],
    [3, expect.any(String), 1],
    [3, expect.any(String), 1],
  ])
})

test('figures follow the period, and are compared with one that is covered', async ({ harness }) => {
  const day = harness.now().toISOString().slice(0, 10)
  const { listening } = await findTrack(userId, 'one', { from: day, to: day, compare: 'previous' })
  expect(listening).toMatchObject({ plays: 1, playsEver: 2, previous: { plays: 1 }, since: null })
  expect(
    (await findTrack(userId, 'one', { from: addDays(day, -27), to: day, compare: 'previous' })).listening,
  ).toMatchObject({
    plays: 2,
    previous: null,
    since: addDays(day, -1),
  })
  await expect(findTrack(userId, 'one', { from: '2020-02-30', to: day })).rejects.toMatchObject({ status: 400 })
})

test('a song that was only liked has a page without plays', async () => {
  const song = await findTrack(userId, 'liked', {})
  expect(song).toMatchObject({ name: 'Only liked', likedAt: '2026-01-02T03:04:05.000Z', playlists: [{ id: 'p2' }] })
  expect(song.listening).toMatchObject({ plays: 0, share: 0, rank: null, firstPlayedAt: null })
})

test('artists and albums count their songs', async () => {
  expect(await findArtist(userId, 'moth', {})).toMatchObject({
    name: 'The moth',
    songs: 4,
    albums: 1,
    isFollowed: false,
    listening: { plays: 4, rank: { rank: 1, of: 2 } },
    playlists: [
      { id: 'p1', songs: 2 },
      { id: 'p2', songs: 1 },
    ],
  })
  expect(await findAlbum(userId, 'tide', {})).toMatchObject({
    name: 'Album tide',
    artists: [],
    songs: 4,
    released: '2019-05',
    savedAt: null,
    listening: { plays: 4 },
  })
})

test.each(['nothing', 'n-0000000000000000', 'one%', '../one', "one' or 1=1", 'x'.repeat(5_000)])(
  'an unknown id %s is refused with what to do',
  async (id) => {
    const refused = { status: 404, remedy: expect.stringContaining('Search') }
    await expect(findTrack(userId, id, {})).rejects.toMatchObject({ ...refused, code: 'unknown-track' })
    await expect(findArtist(userId, id, {})).rejects.toMatchObject({ ...refused, code: 'unknown-artist' })
    await expect(findAlbum(userId, id, {})).rejects.toMatchObject({ ...refused, code: 'unknown-album' })
  },
)

test('an id made of names leads to Spotify’s once that is known, unless it has plays of its own', async () => {
  expect((await findTrack(userId, LEARNED, {})).id).toBe('one')
  expect((await findArtist(userId, idFromNames('The moth'), {})).id).toBe('moth')
  expect((await findAlbum(userId, idFromNames('Album tide', 'The moth'), {})).id).toBe('tide')
  expect(await findTrack(userId, LOCAL, {})).toMatchObject({ id: LOCAL, listening: { plays: 1 } })
})

test('pages follow the data', async () => {
  expect((await findTrack(userId, 'liked', {})).likedAt).not.toBeNull()
  await fill(savedTracks, [])
  expect((await findTrack(userId, 'liked', {})).likedAt).not.toBeNull()
  await changed()
  expect((await findTrack(userId, 'liked', {})).likedAt).toBeNull()
})

const idsOf = async (text: string) => {
  const { songs, artists, albums, playlists: found } = await searchMusic(userId, text)
  return [songs, artists, albums, found].map((results) => results.map(({ id }) => id))
}

test.each([
  ['uber', [['one', 'other'], [], [], ['p1']]],
  ['ÜBER', [['one', 'other'], [], [], ['p1']]],
  ['%', [['two'], [], [], []]],
  ['_', [[], [], [], []]],
  ['"wow"', [['two'], [], [], []]],
  ['🦋', [['two'], [], [], []]],
  ['الليمون', [['rtl'], [], [], []]],
  ['moth uber', [['one'], [], [], []]],
  ['the moth', [['one', 'two', 'liked', LOCAL], ['moth'], ['tide'], []]],
  ["'; drop table raw.tracks; --", [[], [], [], []]],
  ['   ', [[], [], [], []]],
  ['\u0301', [[], [], [], []]],
  ['x'.repeat(200), [[], [], [], []]],
  ['a '.repeat(100), [[], [], [], []]],
])('a search for %j', async (text, expected) => {
  const found = await idsOf(text)
  expect(found.map((ids) => ids.toSorted())).toEqual(expected.map((ids) => ids.toSorted()))
})

test('what begins with the text comes first, then what was played most', async () => {
  expect((await idsOf('uber'))[0]).toEqual(['one', 'other'])
  expect((await idsOf('u'))[0]).toEqual(['one', 'other'])
  expect((await idsOf('o'))[0]?.[0]).toBe('liked')
  expect((await searchMusic(userId, 'tuber')).songs).toEqual([
    { id: 'other', name: 'Tuber', artists: 'The pebble', album: null, artwork: null, plays: 3 },
  ])
})

test('nothing is found before the first data, and before there are models', async ({ harness }) => {
  const other = await newListener(harness, 'load-62')
  expect(await searchMusic(other.userId, 'uber')).toEqual({ songs: [], artists: [], albums: [], playlists: [] })
  await expect(findTrack(other.userId, 'one', {})).rejects.toMatchObject({ code: 'unknown-track' })
  const empty = await openEmbeddedCopy(other)
  await addRows(empty, { tracks: byId(songs[0]?.tracks ?? []) })
  await db().user.update({ where: { id: other.userId }, data: { dataVersion: { increment: 1 }, dataAsOf: now() } })
  expect((await searchMusic(other.userId, 'uber')).songs).toMatchObject([{ id: 'one', plays: 0 }])
  expect(await findTrack(other.userId, 'one', {})).toMatchObject({ name: 'Über', listening: { plays: 0, rank: null } })
})
