import { z } from 'zod'
import type { ImportedPlay } from '#lib/streams/imported-plays.ts'

/**
 * A row of the "extended streaming history" that Spotify sends by email on request
 * (https://support.spotify.com/article/understanding-your-data). Everything else in it, such as the IP address, is not
 * read.
 */

const Text = z.string().nullish().catch(null)
const Flag = z.boolean().nullish().catch(null)

const Row = z.object({
  /** The end of the play, in UTC. */
  ts: z.iso.datetime(),
  ms_played: z.int().min(0),
  master_metadata_track_name: Text,
  master_metadata_album_artist_name: Text,
  master_metadata_album_album_name: Text,
  spotify_track_uri: Text,
  episode_name: Text,
  episode_show_name: Text,
  spotify_episode_uri: Text,
  audiobook_title: Text,
  audiobook_uri: Text,
  reason_start: Text,
  reason_end: Text,
  skipped: Flag,
  offline: Flag,
  incognito_mode: Flag,
})
type Row = z.infer<typeof Row>

/** What was played. Rows of audiobooks may have a song's URI as well. */
function mediaOf(row: Row): Pick<ImportedPlay, 'kind' | 'uri' | 'track' | 'artist' | 'album'> {
  if (row.audiobook_uri)
    return { kind: 'audiobook', uri: row.audiobook_uri, track: row.audiobook_title ?? null, artist: null, album: null }
  if (row.spotify_episode_uri)
    return {
      kind: 'podcast',
      uri: row.spotify_episode_uri,
      track: row.episode_name ?? null,
      artist: row.episode_show_name ?? null,
      album: null,
    }
  return {
    kind: 'song',
    uri: row.spotify_track_uri || null,
    track: row.master_metadata_track_name ?? null,
    artist: row.master_metadata_album_artist_name ?? null,
    album: row.master_metadata_album_album_name ?? null,
  }
}

/** The play that a row is about, or null for something else. */
export function playOfRow(value: unknown): ImportedPlay | null {
  const row = Row.safeParse(value).data
  if (!row) return null
  return {
    ...mediaOf(row),
    playedAt: row.ts,
    msPlayed: row.ms_played,
    skipped: row.skipped ?? null,
    private: row.incognito_mode ?? null,
    offline: row.offline ?? null,
    reasonStart: row.reason_start || null,
    reasonEnd: row.reason_end || null,
  }
}
