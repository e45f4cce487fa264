import type { ImportedPlay } from '#lib/streams/imported-plays.ts'
import { readTime } from '../times.ts'
import { textOf } from '../values.ts'
import { columnsOf, hasAll } from './columns.ts'
import { csvPlays, type PlayColumns, SONG_COLUMNS } from './csv-plays.ts'
import type { CsvKind } from './kind.ts'

/**
 * Scrobbles of Last.fm as CSV, and plays of other programs that have a time, a song and an artist. Last.fm offers no
 * download itself. Files of lastfm-to-csv have no header: artist, album, song, "23 Feb 2016 17:59". Times are the start.
 */

const NAMES = {
  ...SONG_COLUMNS,
  utc: ['uts', 'unix_timestamp', 'utc_time', 'timestamp_utc', 'date_utc'],
  time: ['timestamp', 'listened_at', 'scrobbled_at', 'scrobble_time', 'end_time', 'ts', 'datetime', 'date', 'time'],
} as const

const HEADERLESS: PlayColumns = { artist: 0, album: 1, track: 2, time: 3 }

function isHeaderless(row: string[]): boolean {
  return row.length === 4 && readTime(row[3]) !== null && textOf(row[0]) !== null && textOf(row[2]) !== null
}

export const lastfm: CsvKind<ImportedPlay> = (rows) => {
  const columns = columnsOf(rows[0] ?? [], NAMES)
  if (hasAll(columns, 'artist', 'track') && (columns.time !== undefined || columns.utc !== undefined))
    return csvPlays('lastfm', columns, rows, 1)
  return rows.some(isHeaderless) ? csvPlays('lastfm', HEADERLESS, rows, 0) : null
}
