import type { ImportedPlay } from '#lib/streams/imported-plays.ts'
import { clockOf, readTime, timeProblem, type WrittenTime } from '../times.ts'
import { type Fields, isRecord, textOf, trackUriOf } from '../values.ts'
import { cellOf, columnsOf } from './columns.ts'
import { csvPlays, SONG_COLUMNS } from './csv-plays.ts'
import type { CsvKind, JsonKind, Read } from './kind.ts'
import { isoOf, named, rejectedPlay, UNKNOWN } from './plays.ts'

/**
 * Plays that another program recorded from Spotify's API: tables of recently played songs as CSV or JSON, and the
 * collection "infos" of your_spotify
 * (https://github.com/Yooooomi/your_spotify/blob/master/apps/server/src/database/schemas/info.ts). Spotify's `played_at`
 * may be the start or the end of the play. Nothing says how long it was played.
 */

const PLAYED_AT_UTC = ['played_at_utc', 'utc_played_at'] as const
const PLAYED_AT = ['played_at', 'played_at_time', 'played_at_timestamp', 'played_at_local'] as const

const NAMES = { ...SONG_COLUMNS, utc: PLAYED_AT_UTC, time: PLAYED_AT } as const
/** Names of times that other files have too. These are plays of Spotify only if they have ids of Spotify. */
const COMMON_NAMES = {
  ...SONG_COLUMNS,
  utc: ['timestamp_utc', 'date_utc'],
  time: ['timestamp', 'ts', 'datetime', 'date', 'time', 'end_time'],
} as const
/** Programs that add Spotify's ids to scrobbles keep these. */
const SCROBBLE_TIMES = { time: ['uts', 'utc_time', 'scrobbled_at', 'scrobble_time', 'listened_at'] } as const

export const recentlyPlayedCsv: CsvKind<ImportedPlay> = (rows) => {
  const [header = [], ...sample] = rows
  const hasIds = (column: number | undefined) => sample.some((row) => trackUriOf(cellOf(row, column)) !== null)
  const columns = columnsOf(header, NAMES)
  if (columns.time !== undefined || columns.utc !== undefined)
    return columns.track !== undefined || hasIds(columns.uri) ? csvPlays('recently-played', columns, sample, 1) : null
  const common = columnsOf(header, COMMON_NAMES)
  const isScrobbles = columnsOf(header, SCROBBLE_TIMES).time !== undefined
  if (isScrobbles || (common.time === undefined && common.utc === undefined)) return null
  return hasIds(common.uri) ? csvPlays('recently-played', common, sample, 1) : null
}

/** A name as columns of databases have it, and as JSON has it: played_at and playedAt. */
const spellings = (names: readonly string[]) =>
  names.flatMap((name) => [name, name.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())])

const KEYS = {
  utc: spellings(PLAYED_AT_UTC),
  time: spellings(PLAYED_AT),
  uri: spellings(SONG_COLUMNS.uri),
  track: spellings(SONG_COLUMNS.track),
  artist: spellings(SONG_COLUMNS.artist),
  album: spellings(SONG_COLUMNS.album),
}

const firstOf = (row: Fields, keys: string[]) =>
  row[keys.find((key) => row[key] !== null && row[key] !== undefined) ?? '']

/** MongoDB writes dates as `{"$date": "2026-05-01T20:03:04Z"}` or `{"$date": {"$numberLong": "…"}}`. */
function dateOf(value: unknown): unknown {
  if (!isRecord(value)) return value
  return isRecord(value.$date) ? value.$date.$numberLong : value.$date
}

function timeOf(row: Fields): WrittenTime | null {
  const utc = readTime(dateOf(firstOf(row, KEYS.utc)))
  return utc ? { at: utc.at, isLocal: false } : readTime(dateOf(firstOf(row, KEYS.time)))
}

/** The name of an artist or album, which may be an object, or the first one of a list. */
function nameOf(value: unknown): string | null {
  const one = Array.isArray(value) ? value[0] : value
  return textOf(isRecord(one) ? one.name : one)
}

/** Spotify's own responses have a song as an object. */
function songOf(row: Fields): Pick<ImportedPlay, 'uri' | 'track' | 'artist' | 'album'> {
  const song = isRecord(row.track) ? row.track : row
  const key = KEYS.uri.find((name) => trackUriOf(song[name]) !== null)
  return {
    uri: key === undefined ? null : trackUriOf(song[key]),
    track: nameOf(firstOf(song, KEYS.track)),
    artist: nameOf(firstOf(song, KEYS.artist)),
    album: nameOf(firstOf(song, KEYS.album)),
  }
}

function read(row: Fields, now: number, toInstant: (local: number) => number): Read<ImportedPlay> {
  const time = timeOf(row)
  if (!time) return firstOf(row, [...KEYS.utc, ...KEYS.time]) === undefined ? 'no time' : 'time not readable'
  const at = time.isLocal ? toInstant(time.at) : time.at
  return timeProblem(at, now) ?? named({ ...UNKNOWN, playedAt: isoOf(at), ...songOf(row) })
}

export const recentlyPlayed: JsonKind<ImportedPlay> = {
  kind: 'recently-played',
  matches(row) {
    const { uri, track } = songOf(row)
    return timeOf(row) !== null && (uri ?? track) !== null
  },
  needsZone: (row) => timeOf(row)?.isLocal === true,
  rows({ now, answers }) {
    const toInstant = clockOf(answers.zone ?? 'UTC')
    return {
      read: (row) => read(row, now, toInstant),
      valuesOf: (row) => rejectedPlay({ time: dateOf(firstOf(row, [...KEYS.utc, ...KEYS.time])), ...songOf(row) }),
      pageOf: (items) => ({ source: 'recently-played', items }),
    }
  },
}
