import { expect, test } from 'vitest'
import { playOfRow } from './extended-history.ts'

const row = {
  ts: '2020-05-01T20:03:04Z',
  platform: 'android',
  ms_played: 181_000,
  conn_country: 'ZZ',
  ip_addr: '192.0.2.7',
  master_metadata_track_name: 'Low Tide',
  master_metadata_album_artist_name: 'Pebble',
  master_metadata_album_album_name: 'Tidepool',
  spotify_track_uri: 'spotify:track:tide',
  reason_start: 'trackdone',
  reason_end: '',
  shuffle: false,
  skipped: null,
  offline: true,
  offline_timestamp: 1,
  incognito_mode: true,
}

test('a song is read without what is nobody else’s business', () => {
  expect(playOfRow(row)).toEqual({
    playedAt: '2020-05-01T20:03:04Z',
    msPlayed: 181_000,
    kind: 'song',
    uri: 'spotify:track:tide',
    track: 'Low Tide',
    artist: 'Pebble',
    album: 'Tidepool',
    skipped: null,
    private: true,
    offline: true,
    reasonStart: 'trackdone',
    reasonEnd: null,
  })
})

test.each([
  [
    'an episode',
    { spotify_episode_uri: 'spotify:episode:e', episode_name: 'One', episode_show_name: 'Talks' },
    'podcast',
  ],
  ['a chapter with a song’s URI', { audiobook_uri: 'spotify:show:b', audiobook_title: 'A Book' }, 'audiobook'],
  ['a file without a URI', { spotify_track_uri: null }, 'song'],
])('%s is of its own kind', (_what, changes, kind) => {
  expect(playOfRow({ ...row, ...changes })).toMatchObject({ kind })
})

test.each([
  ['a negative length', { ms_played: -1 }],
  ['no time', { ts: null }],
])('a row with %s is no play', (_what, changes) => {
  expect(playOfRow({ ...row, ...changes })).toBeNull()
})

test('something else is no play', () => {
  for (const value of [null, 'row', [], {}]) expect(playOfRow(value)).toBeNull()
})
