import { expect, test } from 'vitest'
import { accountRow, madePlays } from '#testing/exports/spotify.ts'
import { listenOf } from '#testing/exports/trackers.ts'
import { account } from './account.ts'
import { charts } from './charts.ts'
import { features } from './features.ts'
import type { ReadContext } from './kind.ts'
import { lastfm } from './lastfm.ts'
import { listenbrainz } from './listenbrainz.ts'

const NOW = Date.UTC(2026, 10, 30)
const context: ReadContext = { now: NOW, name: 'file', position: 3, answers: {} }
const [first = { at: 0, msPlayed: 0, song: 0, skipped: false }] = madePlays({ plays: 1 })
const play = { ...first, at: Date.UTC(2020, 4, 1, 20, 3, 44), msPlayed: 181_000, song: 7, skipped: false }

const UNKNOWN = { skipped: null, private: null, offline: null, reasonStart: null, reasonEnd: null }

test('account data has minutes and names', () => {
  const { read, pageOf } = account.rows(context)
  const read1 = read(accountRow(play))
  expect(read1).toEqual({
    playedAt: '2020-05-01T20:03:00.000Z',
    msPlayed: 181_000,
    kind: 'song',
    uri: null,
    track: 'Song 7',
    artist: 'Artist 7',
    album: null,
    ...UNKNOWN,
  })
  expect(pageOf([])).toEqual({ source: 'spotify-account', items: [] })
})

test('account data of podcasts is no song', () => {
  const { read } = account.rows(context)
  const row = { endTime: '2020-05-01 20:03', podcastName: 'Talks', episodeName: 'One', msPlayed: 5 }
  expect(read(row)).toMatchObject({ kind: 'podcast', track: 'One', artist: 'Talks' })
})

test.each([
  [{ trackName: 'Unknown Track', artistName: 'Unknown Artist' }, 'no name'],
  [{ endTime: null }, 'no time'],
  [{ endTime: '2020-05-01' }, 'time not readable'],
  [{ endTime: '2099-05-01 20:03' }, 'in the future'],
  [{ msPlayed: 'much' }, 'no length'],
])('account data with %j is rejected', (changes, reason) => {
  expect(account.rows(context).read({ ...accountRow(play), ...changes })).toBe(reason)
})

test('a song without a known artist keeps its name', () => {
  const read = account.rows(context).read({ ...accountRow(play), artistName: 'Unknown Artist' })
  expect(read).toMatchObject({ track: 'Song 7', artist: null })
})

test('a listen ends after the song, or after what is known to have been played', () => {
  const { read } = listenbrainz.rows(context)
  const listen = listenOf(play)
  const info = listen.track_metadata.additional_info
  const started = listen.listened_at * 1000
  const withInfo = (changes: object) =>
    read({ ...listen, track_metadata: { ...listen.track_metadata, additional_info: { ...info, ...changes } } })
  expect(read({ ...listen })).toEqual({
    playedAt: new Date(started + Number(info.duration_ms)).toISOString(),
    msPlayed: null,
    kind: 'song',
    uri: null,
    track: 'Song 7',
    artist: 'Artist 7',
    album: 'Album 7',
    ...UNKNOWN,
  })
  expect(withInfo({ duration_played: 60 })).toMatchObject({
    playedAt: new Date(started + 60_000).toISOString(),
    msPlayed: 60_000,
  })
  expect(withInfo({ duration_ms: null, duration: 200 })).toMatchObject({
    playedAt: new Date(started + 200_000).toISOString(),
  })
  expect(withInfo({ duration_ms: 'long' })).toMatchObject({ playedAt: new Date(started).toISOString() })
  expect(withInfo({ spotify_id: 'https://open.spotify.com/track/Made000000000000000007' })).toMatchObject({
    uri: 'spotify:track:Made000000000000000007',
  })
})

test.each([
  [{ listened_at: null }, 'no time'],
  [{ listened_at: -5 }, 'time not readable'],
  [{ listened_at: 86_400 * 400 }, 'time not readable'],
  [{ listened_at: 946_684_800 }, 'before 2006'],
  [{ track_metadata: null }, 'no name'],
])('a listen with %j is rejected', (changes, reason) => {
  expect(listenbrainz.rows(context).read({ ...listenOf(play), ...changes })).toBe(reason)
})

const lastfmOf = (...rows: string[][]) => lastfm(rows, 'file.csv')

test('scrobbles without a header are known by their times, which need a zone', () => {
  const row = ['Pebble', '', 'Low Tide', '23 Feb 2016 17:59']
  const match = lastfmOf(row)
  expect(match).toMatchObject({ kind: 'lastfm', headerLines: 0, needsZone: true })
  expect(match?.rows({ ...context, answers: { zone: 'America/New_York' } }).read(row)).toEqual({
    playedAt: '2016-02-23T22:59:00.000Z',
    msPlayed: null,
    kind: 'song',
    uri: null,
    track: 'Low Tide',
    artist: 'Pebble',
    album: null,
    ...UNKNOWN,
  })
})

test.each([
  [
    'seconds',
    ['uts', 'utc_time', 'artist', 'album', 'track'],
    ['1456250340', '23 Feb 2016, 17:59', 'Pebble', 'Tide', 'Low Tide'],
  ],
  ['UTC', ['utc_time', 'artist', 'album', 'track'], ['23 Feb 2016, 17:59', 'Pebble', 'Tide', 'Low Tide']],
  [
    'the name of a user',
    ['Artist', 'Album', 'AlbumId', 'Track', 'Date#planted-pebble-fan'],
    ['Pebble', 'Tide', '', 'Low Tide', '1456250340000'],
  ],
  ['a zone', ['Track Name', 'Artist Name', 'Scrobbled At'], ['Low Tide', 'Pebble', '2016-02-23T18:59:00+01:00']],
  ['a name that says UTC', ['timestamp_utc', 'song', 'artist'], ['2016-02-23 17:59:00', 'Low Tide', 'Pebble']],
])('a header with %s needs no zone', (_what, header, row) => {
  const match = lastfmOf(header, row)
  expect(match).toMatchObject({ kind: 'lastfm', headerLines: 1, needsZone: false })
  expect(match?.rows(context).read(row)).toMatchObject({
    playedAt: '2016-02-23T17:59:00.000Z',
    track: 'Low Tide',
    artist: 'Pebble',
  })
})

test('a header without UTC needs a zone, and may know what was played for how long', () => {
  const header = ['date', 'artist', 'track', 'track_id', 'ms_played']
  const row = ['2016-02-23 17:59', 'Pebble', 'Low Tide', 'Made000000000000000007', '31000']
  const match = lastfmOf(header, row)
  expect(match).toMatchObject({ needsZone: true })
  expect(match?.rows({ ...context, answers: { zone: 'Asia/Kolkata' } }).read(row)).toMatchObject({
    playedAt: '2016-02-23T12:29:00.000Z',
    uri: 'spotify:track:Made000000000000000007',
    msPlayed: 31_000,
  })
})

test.each([
  [['Pebble', '', 'Low Tide', ''], 'no time'],
  [['Pebble', '', 'Low Tide', '23 Foo 2016 17:59'], 'time not readable'],
  [['Pebble', '', 'Low Tide', '01 Jan 1970 00:00'], 'before 2006'],
  [['', '', '', '23 Feb 2016 17:59'], 'no name'],
  [['Pebble'], 'no time'],
])('a scrobble %j is rejected', (row, reason) => {
  const match = lastfmOf(['Pebble', '', 'Low Tide', '23 Feb 2016 17:59'])
  expect(match?.rows(context).read(row)).toBe(reason)
})

test('other tables are no scrobbles', () => {
  expect(lastfmOf(['id', 'name', 'price'], ['1', 'tea', '3'])).toBeNull()
  expect(lastfmOf(['one', 'two', 'three', 'four'])).toBeNull()
  expect(lastfmOf()).toBeNull()
})

const CHART = [
  'rank',
  'uri',
  'artist_names',
  'track_name',
  'source',
  'peak_rank',
  'previous_rank',
  'weeks_on_chart',
  'streams',
]

test('a chart says in its name which one it is', () => {
  const row = [
    '1',
    'spotify:track:Made000000000000000007',
    'Pebble, Guest',
    'Low Tide',
    'Made Records',
    '1',
    '-1',
    '9',
    '1,989,059',
  ]
  const match = charts([CHART, row], 'regional-global-weekly-2026-11-26 (1).csv')
  expect(match).toMatchObject({ kind: 'charts', chart: { chart: 'regional-global-weekly', day: '2026-11-26' } })
  const rows = match?.rows(context)
  const item = rows?.read(row)
  expect(item).toEqual({
    rank: 1,
    uri: 'spotify:track:Made000000000000000007',
    track: 'Low Tide',
    artists: 'Pebble, Guest',
    source: 'Made Records',
    peakRank: 1,
    previousRank: null,
    timeOnChart: 9,
    streams: 1_989_059,
  })
  expect(rows?.pageOf([])).toMatchObject({ chart: 'regional-global-weekly', day: '2026-11-26' })
  expect(rows?.read(['-', ...row.slice(1)])).toBe('no rank')
  expect(rows?.read(['10,001', ...row.slice(1)])).toBe('no rank')
  expect(rows?.read(['10,000', ...row.slice(1)])).toMatchObject({ rank: 10_000, streams: 1_989_059 })
  expect(rows?.read(['2', '', 'Pebble', ''])).toBe('no track')
})

test('a chart with another name is what the listener answered', () => {
  const match = charts([CHART], 'download-2026-02-30.csv')
  expect(match).toMatchObject({ chart: {} })
  const answers = { chart: { 3: { chart: 'viral-global-daily', day: '2026-11-26' } } }
  expect(match?.rows({ ...context, answers }).pageOf([])).toEqual({
    source: 'charts',
    chart: 'viral-global-daily',
    day: '2026-11-26',
    items: [],
  })
})

test.each([
  ['a URI', 'Track URI', 'spotify:track:Made000000000000000007'],
  ['an id', 'id', 'Made000000000000000007'],
  ['a link', 'Spotify ID', 'https://open.spotify.com/track/Made000000000000000007?si=abc'],
])('audio features are known by %s', (_what, name, value) => {
  const header = [name, 'Danceability', 'Key', 'Time Signature', 'Tempo']
  const rows = features([header], 'features.csv')?.rows(context)
  expect(rows?.read([value, '0.25', '11', '4', 'fast'])).toMatchObject({
    uri: 'spotify:track:Made000000000000000007',
    danceability: 0.25,
    key: 11,
    timeSignature: 4,
    tempo: null,
    energy: null,
  })
  expect(rows?.read(['someone', '0.25'])).toBe('no track')
})
