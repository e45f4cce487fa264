import type { ImportRejection } from '#lib/api/lists.ts'
import { SECOND } from '#lib/core/durations.ts'
import type { ImportedPlay } from '#lib/streams/imported-plays.ts'
import { instantOf, timeProblem } from '../times.ts'
import { type Fields, isRecord, lengthOf, numberOf, textOf, trackUriOf } from '../values.ts'
import type { JsonKind, Read } from './kind.ts'
import { isoOf, named, rejectedPlay, UNKNOWN } from './plays.ts'

/**
 * Listens of ListenBrainz (https://listenbrainz.readthedocs.io/en/latest/users/json.html): an array, an object of listens
 * (exports of 2016), or a listen per line (listens/<year>/<month>.jsonl). `listened_at` is the start.
 */

const NOTHING: Fields = {}

function partsOf(row: Fields): { song: Fields; info: Fields } {
  const song = isRecord(row.track_metadata) ? row.track_metadata : NOTHING
  return { song, info: isRecord(song.additional_info) ? song.additional_info : NOTHING }
}

/** Milliseconds of a field in milliseconds or of one in seconds; null if neither is there. */
function durationOf(ms: unknown, seconds: unknown): number | null | ImportRejection {
  const exact = numberOf(ms)
  const rough = numberOf(seconds)
  if (exact === null && rough === null) return null
  return lengthOf(exact ?? (rough as number) * SECOND)
}

function read(row: Fields, now: number): Read<ImportedPlay> {
  const start = instantOf(row.listened_at, now)
  if (typeof start === 'string') return start
  const { song, info } = partsOf(row)
  const played = durationOf(null, info.duration_played)
  if (typeof played === 'string') return played
  const whole = durationOf(info.duration_ms, info.duration)
  // Nothing says when it ended: after the whole song at the latest.
  const end = start + (played ?? (typeof whole === 'number' ? whole : 0))
  return named({
    ...UNKNOWN,
    playedAt: isoOf(timeProblem(end, now) ? start : end),
    msPlayed: played,
    uri: trackUriOf(info.spotify_id) ?? trackUriOf(info.origin_url),
    track: textOf(song.track_name),
    artist: textOf(song.artist_name),
    album: textOf(song.release_name),
  })
}

export const listenbrainz: JsonKind<ImportedPlay> = {
  kind: 'listenbrainz',
  matches: (row) => 'listened_at' in row && 'track_metadata' in row,
  rows: ({ now }) => ({
    read: (row) => read(row, now),
    valuesOf(row) {
      const { song } = partsOf(row)
      return rejectedPlay({
        time: row.listened_at,
        track: song.track_name,
        artist: song.artist_name,
        album: song.release_name,
      })
    },
    pageOf: (items) => ({ source: 'listenbrainz', items }),
  }),
}
