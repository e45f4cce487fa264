import { DAY } from '#lib/core/durations.ts'
import { Play } from '#lib/spotify/objects.ts'
import { type ColumnSet, synced, text, timestamp } from './columns.ts'
import { albumIdOf, leadArtistIdOf, trackIdOf } from './music.ts'
import { WITHDRAWN } from './rejections.ts'
import { defineStream } from './stream.ts'

// Only ids: what they stand for is stored once, in the tables that describe music.
const columns: ColumnSet<Play> = {
  ...synced,
  played_at: timestamp(({ played_at }) => played_at),
  uri: text(({ track }) => track?.uri),
  track_id: text(({ track }) => trackIdOf(track)),
  artist_id: text(({ track }) => track && leadArtistIdOf(track)),
  album_id: text(({ track }) => albumIdOf(track?.album)),
  context_type: text(({ context }) => context?.type),
  context_uri: text(({ context }) => context?.uri),
}

/**
 * A play in the future would stay the newest for good. This is far more than a machine's clock can lag if TLS still
 * works.
 */
const MAX_AHEAD_MS = 366 * DAY

/** The last 50 plays, newest first, without podcasts and private sessions. */
export const recentlyPlayed = defineStream({
  name: 'user_recently_played_stream',
  title: 'Recently played',
  group: 'recently played',
  due: 'half-hourly',
  scopes: ['user-read-recently-played'],
  endpoint: '/me/player/recently-played',
  query: {},
  requests: 'player',
  paging: 'single', // Spotify only keeps the last 50 plays; a request for earlier ones returns an empty page
  limit: 50,
  item: Play,
  identity: ({ played_at, track }) => (played_at && track?.uri ? `${played_at} ${track.uri}` : null),
  rejects({ played_at, track }, { syncedAt }) {
    if (track === null) return WITHDRAWN
    if (!played_at) return 'no time of play'
    if (Date.parse(played_at) - Date.parse(syncedAt) > MAX_AHEAD_MS) return 'time of play in the future'
    return track.uri ? null : 'no track URI'
  },
  columns,
  table: 'plays',
  music: ({ track }) => ({ tracks: [track] }),
  key: ['played_at', 'uri'],
  load: 'merge',
  polled: { at: 'played_at' },
})
