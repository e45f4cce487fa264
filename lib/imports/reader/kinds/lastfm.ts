import type { ImportedPlay } from '#lib/streams/imported-plays.ts'
import { clockOf, readTime, timeProblem, type WrittenTime } from '../times.ts'
import { lengthOf, textOf, trackUriOf } from '../values.ts'
import { cellOf, columnsOf, hasAll } from './columns.ts'
import type { CsvKind, Read, ReadContext } from './kind.ts'
import { isoOf, named, rejectedPlay, UNKNOWN } from './plays.ts'

/**
 * Scrobbles of Last.fm as CSV, and plays of other programs that have a time, a song and an artist. Last.fm offers no
 * download itself. Files of lastfm-to-csv have no header: artist, album, song, "23 Feb 2016 17:59". Times are the start.
 */

/** Names of columns; those of the first list are in UTC. */
const UTC_TIMES = ['uts', 'timestamp', 'unix_timestamp', 'utc_time', 'played_at_utc', 'timestamp_utc', 'date_utc']
const TIMES = [
  'played_at',
  'listened_at',
  'scrobbled_at',
  'scrobble_time',
  'end_time',
  'ts',
  'datetime',
  'date',
  'time',
]

const NAMES = {
  utc: UTC_TIMES,
  time: TIMES,
  artist: ['artist', 'artist_name', 'artists', 'artist_names', 'master_metadata_album_artist_name'],
  track: ['track', 'track_name', 'song', 'song_name', 'title', 'name', 'master_metadata_track_name'],
  album: ['album', 'album_name', 'release_name', 'master_metadata_album_album_name'],
  uri: ['uri', 'track_uri', 'spotify_track_uri', 'spotify_uri', 'track_id', 'spotify_id', 'song_id'],
  ms: ['ms_played', 'msplayed', 'played_ms'],
} as const

type Columns = Partial<Record<keyof typeof NAMES, number>>

const HEADERLESS: Columns = { artist: 0, album: 1, track: 2, time: 3 }

/** The first time of a row that can be read. */
function timeOf(cells: string[], { utc, time }: Columns): WrittenTime | null {
  const absolute = readTime(cellOf(cells, utc))
  if (absolute) return { at: absolute.at, isLocal: false }
  return readTime(cellOf(cells, time))
}

function isHeaderless(row: string[]): boolean {
  return row.length === 4 && readTime(row[3]) !== null && textOf(row[0]) !== null && textOf(row[2]) !== null
}

/** A play from a row of CSV. @param toInstant for times without a zone */
function read(
  cells: string[],
  columns: Columns,
  now: number,
  toInstant: (local: number) => number,
): Read<ImportedPlay> {
  const time = timeOf(cells, columns)
  if (!time) return cellOf(cells, columns.utc) || cellOf(cells, columns.time) ? 'time not readable' : 'no time'
  const at = time.isLocal ? toInstant(time.at) : time.at
  const problem = timeProblem(at, now)
  if (problem) return problem
  const ms = cellOf(cells, columns.ms) ? lengthOf(cellOf(cells, columns.ms)) : null
  if (typeof ms === 'string') return ms
  return named({
    ...UNKNOWN,
    playedAt: isoOf(at),
    msPlayed: ms,
    uri: trackUriOf(cellOf(cells, columns.uri)),
    track: textOf(cellOf(cells, columns.track)),
    artist: textOf(cellOf(cells, columns.artist)),
    album: textOf(cellOf(cells, columns.album)),
  })
}

function rowsOf(columns: Columns, { now, answers }: ReadContext) {
  const toInstant = clockOf(answers.zone ?? 'UTC')
  return {
    read: (cells: string[]) => read(cells, columns, now, toInstant),
    valuesOf: (cells: string[]) =>
      rejectedPlay({
        time: cellOf(cells, columns.utc) || cellOf(cells, columns.time),
        uri: trackUriOf(cellOf(cells, columns.uri)),
        track: cellOf(cells, columns.track),
        artist: cellOf(cells, columns.artist),
        album: cellOf(cells, columns.album),
        ms: cellOf(cells, columns.ms),
      }),
    pageOf: (items: ImportedPlay[]) => ({ source: 'lastfm' as const, items }),
  }
}

export const lastfm: CsvKind<ImportedPlay> = (rows) => {
  const found = columnsOf(rows[0] ?? [], NAMES)
  const hasHeader = hasAll(found, 'artist', 'track') && (found.time !== undefined || found.utc !== undefined)
  if (!hasHeader && !rows.some(isHeaderless)) return null
  const columns = hasHeader ? found : HEADERLESS
  return {
    kind: 'lastfm',
    headerLines: hasHeader ? 1 : 0,
    needsZone: rows.some((row) => timeOf(row, columns)?.isLocal),
    chart: null,
    rows: (context) => rowsOf(columns, context),
  }
}
