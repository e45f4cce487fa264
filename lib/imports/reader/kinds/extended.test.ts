import { expect, test } from 'vitest'
import { plantedIn } from '#testing/exports/planted.ts'
import { extendedRow, madePlays, OLD_KEYS } from '#testing/exports/spotify.ts'
import { extended } from './extended.ts'

const NOW = Date.UTC(2026, 10, 30)
const [play = { at: 0, msPlayed: 0, song: 0, skipped: false }] = madePlays({ plays: 1, from: Date.UTC(2020, 4, 1) })
const made = { ...play, at: Date.UTC(2020, 4, 1, 20, 3, 4), msPlayed: 181_000, song: 7, skipped: false }

const rowsOf = (name = 'Streaming_History_Audio_2020_3.json') =>
  extended.rows({ now: NOW, name, position: 0, answers: {} })
const read = (changes: Record<string, unknown>, name?: string) =>
  rowsOf(name).read({ ...extendedRow(made), ...changes })

test('reads a song without its personal data', () => {
  expect(read(OLD_KEYS)).toEqual({
    playedAt: '2020-05-01T20:03:04.000Z',
    loggedAt: null,
    msPlayed: 181_000,
    kind: 'song',
    uri: 'spotify:track:Made000000000000000007',
    track: 'Song 7',
    artist: 'Artist 7',
    album: 'Album 7',
    skipped: false,
    private: false,
    offline: false,
    reasonStart: 'trackdone',
    reasonEnd: 'trackdone',
  })
})

test('a rejected row keeps no personal data', () => {
  const values = rowsOf().valuesOf({
    ...extendedRow(made, OLD_KEYS),
    ts: '203.0.113.77',
    ms_played: 'PlantedAgent/7.7',
  })
  expect(plantedIn(JSON.stringify(values))).toEqual([])
  expect(values).toMatchObject({ time: null, ms: null, track: 'Song 7' })
})

test.each([
  [
    'an episode',
    { spotify_episode_uri: 'spotify:episode:e', episode_name: 'One', episode_show_name: 'Talks' },
    'podcast',
  ],
  ['an episode that has only a name', { episode_name: 'One' }, 'podcast'],
  ['a chapter with a song’s URI', { audiobook_uri: 'spotify:show:b', audiobook_title: 'A Book' }, 'audiobook'],
  [
    'a chapter with an episode’s URI',
    { audiobook_title: 'A Book', spotify_episode_uri: 'spotify:episode:e', episode_name: 'One' },
    'audiobook',
  ],
  ['a file without a URI', { spotify_track_uri: null }, 'song'],
])('%s is of its own kind', (_what, changes, kind) => {
  expect(read(changes)).toMatchObject({ kind })
})

test('a song in a file of videos is a video, and an episode stays one', () => {
  expect(read({}, 'Streaming_History_Video_2023-2025.json')).toMatchObject({ kind: 'video' })
  expect(read({}, 'endvideo.json')).toMatchObject({ kind: 'video' })
  expect(read({ episode_name: 'One' }, 'endvideo.json')).toMatchObject({ kind: 'podcast' })
})

test.each([
  [null, null],
  [0, false],
  [1, true],
  [0.0, false],
  ['0', false],
  ['true', true],
  ['maybe', null],
])('skipped %j is %j', (skipped, expected) => {
  expect(read({ skipped })).toMatchObject({ skipped: expected })
})

const ENDED = Date.UTC(2020, 4, 1, 18)
const STARTED = ENDED - 181_000

test.each([
  ['a crash', { reason_end: 'unexpected-exit' }, STARTED / 1000],
  ['a crash while paused', { reason_end: 'unexpected-exit-while-paused' }, STARTED],
  ['a logout', { reason_end: 'logout' }, STARTED],
  ['no connection', { offline: 1 }, STARTED / 1000],
])('the end after %s is that of the play, not the next start of the app', (_what, changes, offline_timestamp) => {
  expect(read({ ...changes, offline_timestamp })).toMatchObject({
    playedAt: new Date(ENDED).toISOString(),
    loggedAt: '2020-05-01T20:03:04.000Z',
  })
})

test.each(['unexpected-exit', 'logout'])('a play that ended by %s ends the same in every export', (reason_end) => {
  const inSeconds = read({ reason_end, offline_timestamp: STARTED / 1000 })
  expect(read({ reason_end, offline_timestamp: STARTED + 737 })).toEqual(inSeconds)
})

test.each([
  ['0', 0],
  ['1', 1],
  ['nothing', null],
  ['a text', 'yesterday'],
  ['later than the play', made.at + 60_000],
  ['before Spotify', Date.UTC(2001, 0, 1)],
  ['a few seconds before', made.at - 181_000 - 9_000],
])('an offline time that is %s changes nothing', (_what, offline_timestamp) => {
  const logged = { playedAt: '2020-05-01T20:03:04.000Z', loggedAt: null }
  expect(read({ reason_end: 'unexpected-exit', offline_timestamp })).toMatchObject(logged)
})

test('the offline time of a play that ended normally is not read', () => {
  expect(read({ offline_timestamp: STARTED })).toMatchObject({ playedAt: '2020-05-01T20:03:04.000Z' })
})

test.each([
  ['no time', { ts: null }, 'no time'],
  ['a time in words', { ts: 'last summer' }, 'time not readable'],
  ['30 February', { ts: '2020-02-30T10:00:00Z' }, 'time not readable'],
  ['year 0', { ts: '0000-01-01T00:00:00Z' }, 'before 2006'],
  ['1970', { ts: '1970-01-01T00:00:00Z' }, 'before 2006'],
  ['2099', { ts: '2099-01-01T00:00:00Z' }, 'in the future'],
  ['a negative length', { ms_played: -1 }, 'negative length'],
  ['no length', { ms_played: null }, 'no length'],
  ['two days', { ms_played: 2 * 86_400_000 }, 'longer than a day'],
  ['nothing that it could be found by', { spotify_track_uri: null, master_metadata_track_name: null }, 'no name'],
])('a row with %s is rejected', (_what, changes, reason) => {
  expect(read(changes)).toBe(reason)
})

test.each([
  ['text', '181000', 181_000],
  ['a fraction', 180_999.6, 181_000],
  ['nothing', 0, 0],
])('a length that is %s counts', (_what, ms_played, msPlayed) => {
  expect(read({ ms_played })).toMatchObject({ msPlayed })
})

test('the times of old files are in UTC too', () => {
  expect(read({ ts: '2018-07-12 14:01:05 UTC' })).toMatchObject({ playedAt: '2018-07-12T14:01:05.000Z' })
})

test('characters that no store can hold are replaced', () => {
  const name = `Low\0 Tide ${'\ud800'}`
  expect(read({ master_metadata_track_name: name })).toMatchObject({ track: 'Low\ufffd Tide \ufffd' })
  expect(read({ reason_end: 'Planted OS 7.77', spotify_track_uri: 'spotify:user:planted' })).toMatchObject({
    reasonEnd: null,
    uri: null,
  })
})
