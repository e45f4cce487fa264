import type { ImportedPlay } from '#lib/streams/imported-plays.ts'
import { instantOf } from '../times.ts'
import { type Fields, lengthOf, textOf } from '../values.ts'
import type { JsonKind, Read } from './kind.ts'
import { isoOf, named, rejectedPlay, UNKNOWN } from './plays.ts'

/**
 * The last year in Spotify's account data: names and minutes. `endTime` is the minute in which a play ended, in UTC.
 * https://support.spotify.com/article/understanding-your-data
 */

/** What Spotify writes where it has no name. */
function nameOf(value: unknown): string | null {
  const name = textOf(value)
  return name === 'Unknown Artist' || name === 'Unknown Track' ? null : name
}

function mediaOf(row: Fields): Pick<ImportedPlay, 'kind' | 'track' | 'artist'> {
  const track = nameOf(row.episodeName)
  return track || 'podcastName' in row
    ? { kind: 'podcast', track, artist: nameOf(row.podcastName) }
    : { kind: 'song', track: nameOf(row.trackName), artist: nameOf(row.artistName) }
}

function read(row: Fields, now: number): Read<ImportedPlay> {
  const text = typeof row.endTime === 'string' ? row.endTime : null
  const end = instantOf(text, now)
  if (typeof end === 'string') return end
  const ms = lengthOf(row.msPlayed)
  if (typeof ms === 'string') return ms
  return named({ ...UNKNOWN, playedAt: isoOf(end), msPlayed: ms, ...mediaOf(row) })
}

export const account: JsonKind<ImportedPlay> = {
  kind: 'spotify-account',
  matches: (row) => 'endTime' in row && 'msPlayed' in row,
  rows: ({ now }) => ({
    read: (row) => read(row, now),
    valuesOf: (row) => rejectedPlay({ time: row.endTime, ms: row.msPlayed, ...mediaOf(row) }),
    pageOf: (items) => ({ source: 'spotify-account', items }),
  }),
}
