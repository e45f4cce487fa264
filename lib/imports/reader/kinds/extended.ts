import { SECOND } from '#lib/core/durations.ts'
import type { ImportedPlay } from '#lib/streams/imported-plays.ts'
import { epochOf, instantOf, timeProblem } from '../times.ts'
import { type Fields, flagOf, lengthOf, numberOf, textOf, uriOf } from '../values.ts'
import type { JsonKind, Read, ReadContext } from './kind.ts'
import { isoOf, named, rejectedPlay } from './plays.ts'

/**
 * The extended streaming history, which Spotify sends on request:
 * https://support.spotify.com/article/understanding-your-data. Of its 23 keys, and of those that old files had besides,
 * only the ones below are read: no address, device, place or name of a person.
 */

type Media = Pick<ImportedPlay, 'kind' | 'uri' | 'track' | 'artist' | 'album'>

/** Rows of audiobooks may have a song's URI as well, so they come first. */
function mediaOf(row: Fields, isVideo: boolean): Media {
  const audiobook = textOf(row.audiobook_title)
  const chapter = uriOf(row.audiobook_uri) ?? uriOf(row.audiobook_chapter_uri)
  if (audiobook || chapter) return { kind: 'audiobook', uri: chapter, track: audiobook, artist: null, album: null }
  const episode = textOf(row.episode_name)
  const uri = uriOf(row.spotify_episode_uri)
  if (episode || uri)
    return { kind: 'podcast', uri, track: episode, artist: textOf(row.episode_show_name), album: null }
  return {
    kind: isVideo ? 'video' : 'song',
    uri: uriOf(row.spotify_track_uri),
    track: textOf(row.master_metadata_track_name),
    artist: textOf(row.master_metadata_album_artist_name),
    album: textOf(row.master_metadata_album_album_name),
  }
}

/** "trackdone", "fwdbtn", "unexpected-exit-while-paused" … */
function reasonOf(value: unknown): string | null {
  return typeof value === 'string' && /^[a-z-]{1,40}$/.test(value) ? value : null
}

/** A smaller difference is rounding. */
const TOLERANCE_MS = 10 * SECOND

/**
 * When a play ended. After a crash, and for plays without a connection, `ts` may be when the app was next started;
 * `offline_timestamp` is then the start. It is in seconds or milliseconds, and 0, 1 or nonsense where Spotify has none.
 */
function endOf(row: Fields, logged: number, ms: number, now: number): number {
  const reason = reasonOf(row.reason_end) ?? ''
  const isLate = reason.startsWith('unexpected-exit') || reason === 'logout' || flagOf(row.offline) === true
  const written = isLate ? epochOf(numberOf(row.offline_timestamp) ?? 0) : null
  // Another export of the same play may have it in seconds, and both have to give the same end.
  const start = written === null ? null : Math.floor(written / SECOND) * SECOND
  if (start === null || timeProblem(start, now) || start > logged) return logged
  return start + ms < logged - TOLERANCE_MS ? Math.round(start + ms) : logged
}

function read(row: Fields, { now }: ReadContext, isVideo: boolean): Read<ImportedPlay> {
  const logged = instantOf(row.ts, now)
  if (typeof logged === 'string') return logged
  const ms = lengthOf(row.ms_played)
  if (typeof ms === 'string') return ms
  const end = endOf(row, logged, ms, now)
  return named({
    playedAt: isoOf(end),
    loggedAt: end === logged ? null : isoOf(logged),
    msPlayed: ms,
    ...mediaOf(row, isVideo),
    skipped: flagOf(row.skipped),
    private: flagOf(row.incognito_mode),
    offline: flagOf(row.offline),
    reasonStart: reasonOf(row.reason_start),
    reasonEnd: reasonOf(row.reason_end),
  })
}

export const extended: JsonKind<ImportedPlay> = {
  kind: 'spotify-extended',
  matches: (row) => 'ts' in row && 'ms_played' in row,
  rows(context) {
    // Rows do not say that they are of music videos; their files are called Streaming_History_Video_… or endvideo.
    const isVideo = /video/i.test(context.name)
    return {
      read: (row) => read(row, context, isVideo),
      valuesOf: (row) => rejectedPlay({ time: row.ts, ms: row.ms_played, ...mediaOf(row, isVideo) }),
      pageOf: (items) => ({ source: 'spotify-extended', items }),
    }
  },
}
