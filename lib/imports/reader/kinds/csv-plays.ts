import type { ImportedPlay, PlaySource } from '#lib/streams/imported-plays.ts'
import { clockOf, readTime, timeProblem, type WrittenTime } from '../times.ts'
import { lengthOf, textOf, trackUriOf } from '../values.ts'
import { cellOf } from './columns.ts'
import type { CsvMatch, Read } from './kind.ts'
import { isoOf, named, rejectedPlay, UNKNOWN } from './plays.ts'

/** Plays in CSV: a time, a song, and often an artist, an album and a Spotify id. */

/** Names of columns that hold songs. Ids of Spotify come before ids that may be a table's own. */
export const SONG_COLUMNS = {
  artist: ['artist', 'artist_name', 'artists', 'artist_names', 'master_metadata_album_artist_name'],
  track: ['track', 'track_name', 'song', 'song_name', 'title', 'name', 'master_metadata_track_name'],
  album: ['album', 'album_name', 'release_name', 'master_metadata_album_album_name'],
  uri: [
    'uri',
    'track_uri',
    'spotify_track_uri',
    'spotify_uri',
    'spotify_id',
    'spotify_track_id',
    'track_id',
    'song_id',
    'id',
  ],
  ms: ['ms_played', 'msplayed', 'played_ms'],
} as const

/** Where a file has what. `utc`: a time that is in UTC, whatever it looks like. */
export type PlayColumns = Partial<Record<keyof typeof SONG_COLUMNS | 'utc' | 'time', number>>

/** The first time of a row that can be read. */
function timeOf(cells: string[], { utc, time }: PlayColumns): WrittenTime | null {
  const absolute = readTime(cellOf(cells, utc))
  if (absolute) return { at: absolute.at, isLocal: false }
  return readTime(cellOf(cells, time))
}

/** A play from a row of CSV. @param toInstant for times without a zone */
function read(
  cells: string[],
  columns: PlayColumns,
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

/** How a file is read whose columns are known. @param sample its first rows, which show whether its times need a zone */
export function csvPlays(
  source: PlaySource,
  columns: PlayColumns,
  sample: string[][],
  headerLines: 0 | 1,
): CsvMatch<ImportedPlay> {
  return {
    kind: source,
    headerLines,
    needsZone: sample.some((row) => timeOf(row, columns)?.isLocal),
    chart: null,
    rows({ now, answers }) {
      const toInstant = clockOf(answers.zone ?? 'UTC')
      return {
        read: (cells) => read(cells, columns, now, toInstant),
        valuesOf: (cells) =>
          rejectedPlay({
            time: cellOf(cells, columns.utc) || cellOf(cells, columns.time),
            uri: trackUriOf(cellOf(cells, columns.uri)),
            track: cellOf(cells, columns.track),
            artist: cellOf(cells, columns.artist),
            album: cellOf(cells, columns.album),
            ms: cellOf(cells, columns.ms),
          }),
        pageOf: (items) => ({ source, items }),
      }
    },
  }
}
