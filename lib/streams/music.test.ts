import { expect, test } from 'vitest'
import { Track } from '#lib/spotify/objects.ts'
import { track } from './fixtures.ts'
import { musicRows } from './music.ts'

const SEEN_AT = '2026-11-20T06:00:00.000Z'

const rowsOf = (object: unknown) =>
  [...musicRows({ tracks: [Track.parse(object)] }, SEEN_AT)].map(({ table, id, row }) => ({
    table: table.name,
    id,
    name: row.name,
    artist_id: row.artist_id,
    album_id: row.album_id,
  }))

test('a song describes itself, its album and everybody it is credited to', () => {
  const rows = rowsOf(track)
  expect(rows.map(({ table, id }) => `${table} ${id}`)).toEqual([
    'tracks low-tide',
    'albums tidepool',
    'artists pebble',
    'artists pebble',
    'artists moth',
  ])
  expect(rows[0]).toMatchObject({ artist_id: 'pebble', album_id: 'tidepool' })
})

test('a local file has ids made of its names, which its album and artist share', () => {
  const local = {
    id: null,
    name: 'Demo tape',
    uri: 'spotify:local:Pebble:Tidepool:Demo+tape:215',
    album: { id: null, name: 'Tidepool', artists: [{ id: null, name: 'Pebble' }] },
    artists: [{ id: null, name: 'Pebble' }],
  }
  const [song, album, artist] = rowsOf(local)
  expect(song?.id).toMatch(/^n-/)
  expect(song).toMatchObject({ artist_id: artist?.id, album_id: album?.id })
  expect(rowsOf({ ...local, name: 'DEMO TAPE' })[0]?.id).toBe(song?.id)
})

test.each([
  ['an episode', { id: 'e', type: 'episode', name: 'On moths' }],
  ['a song with neither id nor name', { uri: 'spotify:track:x', artists: [{ id: null, name: '' }] }],
])('%s describes no music', (_what, object) => {
  expect(rowsOf(object)).toEqual([])
})
