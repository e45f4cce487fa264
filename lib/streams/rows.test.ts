import { describe, expect, test } from 'vitest'
import { Stop } from '#lib/core/errors.ts'
import type { Json, Row } from '#lib/core/table.ts'
import { episode, track } from './fixtures.ts'
import { streamNamed, streams } from './index.ts'

// The columns of individual streams. The contract test covers what all streams promise.
function rowOf(name: string, item: Json): Row {
  const stream = streamNamed(name)
  const [parsed] = stream.page({ items: [item] }).items
  return stream.row(parsed, { rank: 7, syncedAt: '2026-11-20T06:00:00Z', part: 'rainy' })
}

describe('a track', () => {
  test('has flat columns beside its JSON', () => {
    expect(rowOf('user_top_tracks_st_stream', track)).toMatchObject({
      rank: 7,
      synced_at: '2026-11-20T06:00:00.000Z',
      id: 'low-tide',
      artist_id: 'pebble',
      artist_ids: 'pebble, moth',
      artist_names: 'Pebble & Sons, Moth, the Second',
      album_id: 'tidepool',
      album_name: 'Tidepool',
      album_type: 'album',
      album_release_date: '1978-05',
      album_image_url: 'https://i.scdn.co/image/640',
      album_image_small_url: 'https://i.scdn.co/image/300',
      isrc: 'XX0000000001',
      spotify_url: 'https://open.spotify.com/track/low-tide',
      album: track.album,
      artists: track.artists,
      popularity: null,
      danceability: null,
    })
  })

  test('has null where Spotify sends empty names', () => {
    const nameless = { uri: 'spotify:track:x', id: '', album: { id: '' }, artists: [{ id: null, name: '' }, null] }
    expect(rowOf('user_top_tracks_st_stream', nameless)).toMatchObject({
      id: null,
      album_id: null,
      artist_id: null,
      artist_ids: null,
      artist_names: null,
    })
  })

  test('keeps when it was liked and when it was played, to the millisecond in UTC', () => {
    const saved = rowOf('user_saved_tracks_stream', { added_at: '2024-02-29T23:59:59Z', track })
    const played = rowOf('user_recently_played_stream', { played_at: '2024-03-01T01:00:00.5+01:00', track })
    expect(saved.added_at).toBe('2024-02-29T23:59:59.000Z')
    expect(played.played_at).toBe('2024-03-01T00:00:00.500Z')
  })
})

describe('images', () => {
  const picture = (width: number | null) => ({ url: `px-${width}`, width, height: width })

  test.each([
    [[640, 320, 160], 'px-640', 'px-160'],
    [[64, 300, 640], 'px-640', 'px-300'],
    [[640], 'px-640', 'px-640'],
    [[null], 'px-null', 'px-null'],
    [[], null, null],
  ])('with widths %j', (widths, large, small) => {
    const { image_url, image_small_url } = rowOf('user_top_artists_st_stream', { id: 'a', images: widths.map(picture) })
    expect([image_url, image_small_url]).toEqual([large, small])
  })
})

describe('a playlist item', () => {
  const entry = (item: Json, more = {}) => rowOf('user_playlist_items_stream', { item, ...more })

  test('has its position', () => {
    expect(entry(track, { added_at: '2024-02-29T23:59:59Z', added_by: { id: '' }, is_local: false })).toMatchObject({
      playlist_id: 'rainy',
      position: 7,
      added_at: '2024-02-29T23:59:59.000Z',
      added_by_id: null,
      item_type: 'track',
      track_id: 'low-tide',
      album_name: 'Tidepool',
      artist_names: 'Pebble & Sons, Moth, the Second',
      show_name: null,
      item: track,
    })
  })

  test('can be added by someone else', () => {
    expect(entry(track, { added_by: { id: 'friend' } }).added_by_id).toBe('friend')
  })

  test('can be an episode', () => {
    expect(entry(episode)).toMatchObject({
      item_type: 'episode',
      uri: 'spotify:episode:on-moths',
      track_id: null,
      show_name: 'Talks about songs',
      artist_names: null,
      album_image_url: null,
    })
  })

  test('can be a local file of the listener', () => {
    const file = { uri: 'spotify:local:a:b:c:215', id: null, type: 'track', is_local: true, name: 'c' }
    expect(entry(file)).toMatchObject({ is_local: true, track_id: null, uri: file.uri, name: 'c' })
  })
})

describe('a playlist', () => {
  const playlists = streamNamed('user_playlists_stream')
  const listener = { spotifyUserId: 'listener-one' }
  const partOf = (playlist: Json) => playlists.part?.(playlists.page({ items: [playlist] }).items[0], listener)

  test.each([
    ['their own', { owner: { id: 'listener-one' }, collaborative: false }, true],
    ['a shared one', { owner: { id: 'somebody' }, collaborative: true }, true],
    ["somebody else's", { owner: { id: 'somebody' }, collaborative: false }, false],
    ["nobody's", { owner: null }, false],
  ])('shows whether the listener can read its items: %s', (_whose, playlist, readable) => {
    expect(partOf({ id: 'rainy', snapshot_id: 'AAAAAQ==', ...playlist })).toEqual({
      id: 'rainy',
      version: 'AAAAAQ==',
      readable,
    })
  })

  test('without id is not a part', () => {
    expect(partOf({ id: null })).toBeNull()
  })
})

test('a playlist has its owner and item count', () => {
  const playlist = {
    id: 'rainy',
    public: false,
    snapshot_id: 'AQ==',
    items: { total: 3 },
    owner: { id: 'a', display_name: 'A' },
  }
  expect(rowOf('user_playlists_stream', playlist)).toMatchObject({
    is_public: false,
    snapshot_id: 'AQ==',
    items_total: 3,
    owner_id: 'a',
    owner_name: 'A',
    owner: playlist.owner,
  })
})

test('a saved album has its artist and bar code in flat columns', () => {
  const album = { id: 'tidepool', artists: track.artists ?? null, external_ids: { upc: '000000000017' } }
  expect(rowOf('user_saved_albums_stream', { added_at: '2024-02-29T23:59:59Z', album })).toMatchObject({
    id: 'tidepool',
    added_at: '2024-02-29T23:59:59.000Z',
    artist_id: 'pebble',
    upc: '000000000017',
  })
})

describe('followed artists', () => {
  const { page } = streamNamed('user_followed_artists_stream')
  const cursorOf = (paging: object) => page({ artists: { items: [{ id: 'a' }], ...paging } }).cursor

  test.each([
    [{ cursors: { after: 'a' }, next: 'https://api.spotify.com/v1/me/following?after=a' }, 'a'],
    [{ cursors: { after: 'a' } }, 'a'],
    [{ cursors: { after: 'a' }, next: null }, null],
    [{ cursors: { after: null }, next: null }, null],
    [{ cursors: null }, null],
  ])('continue by cursor: %j', (paging, cursor) => {
    expect(cursorOf(paging)).toBe(cursor)
  })
})

describe('identity', () => {
  const identityOf = (name: string, item: Json) => {
    const stream = streamNamed(name)
    return stream.identity(stream.page({ items: [item] }).items[0])
  }

  test('distinguishes two likes that Spotify returns with the same track', () => {
    const like = (added_at: string) => identityOf('user_saved_tracks_stream', { added_at, track })
    expect(like('2024-01-01T00:00:00Z')).not.toBe(like('2024-01-02T00:00:00Z'))
    expect(like('2024-01-01T00:00:00Z')).toBe(like('2024-01-01T00:00:00Z'))
  })

  test.each(streams.map(({ name }) => name))('is null for a missing item: %s', (name) => {
    expect(streamNamed(name).identity(null)).toBeNull()
  })
})

test('a first run starts with what fills the first page', () => {
  const groups = streams.map(({ group }) => group)
  expect(groups.filter((group, index) => group !== groups[index - 1])).toEqual([
    'top lists',
    'recently played',
    'playlists',
    'library',
    'charts',
  ])
  expect(groups.length).toBeGreaterThanOrEqual(15)
})

test('an unknown stream is refused', () => {
  expect(() => streamNamed('user_top_shows_stream')).toThrow(Stop)
})
