import type { Columns, Table } from '#lib/core/table.ts'
import { EXCLUDED_PLAYS, RECORDING_CHOICES, SETTINGS } from '#lib/streams/decisions.ts'
import { streams } from '#lib/streams/index.ts'
import { MUSIC_TABLES } from '#lib/streams/music.ts'
import { tablesOf } from '#lib/streams/stream.ts'

/** The raw tables that models select from. A build creates those that nothing has been loaded into yet. */

function raw(name: string, key: string[], columns: Columns): Table {
  return { schema: 'raw', name, columns, key }
}

/** One row for each play of an imported export. */
const IMPORTED_PLAYS = raw('imported_plays', ['played_at', 'uri', 'ms_played'], {
  /** Its end. */
  played_at: 'timestamp',
  uri: 'text',
  ms_played: 'integer',
  track_id: 'text',
  artist_id: 'text',
  album_id: 'text',
  kind: 'text',
  source: 'text',
  skipped: 'boolean',
  private: 'boolean',
  offline: 'boolean',
  reason_start: 'text',
  reason_end: 'text',
  import_id: 'text',
  imported_at: 'timestamp',
})

/** Which imported play is the same as one that Spotify's API reported. */
const PLAY_PAIRS = raw('play_pairs', ['played_at', 'uri'], {
  played_at: 'timestamp',
  uri: 'text',
  import_played_at: 'timestamp',
  import_uri: 'text',
  import_ms_played: 'integer',
  distance_ms: 'integer',
  rule: 'integer',
  paired_at: 'timestamp',
})

const PLAYLIST_CHANGES = raw('user_playlist_items_history', ['playlist_id', 'uri', 'change', 'seen_at'], {
  playlist_id: 'text',
  uri: 'text',
  track_id: 'text',
  name: 'text',
  artist_names: 'text',
  change: 'text',
  copies: 'integer',
  seen_at: 'timestamp',
})

const OF_STREAMS = [
  'plays',
  'user_top_tracks_st_history',
  'user_top_tracks_mt_history',
  'user_top_tracks_lt_history',
  'user_top_artists_st_history',
  'user_top_artists_mt_history',
  'user_top_artists_lt_history',
  'user_saved_tracks_history',
  'user_saved_albums_history',
  'user_followed_artists_history',
  'user_playlists_history',
  'user_playlists_stream',
]

export const SOURCES: readonly Table[] = [
  ...streams.flatMap(tablesOf).filter(({ name }) => OF_STREAMS.includes(name)),
  ...MUSIC_TABLES,
  IMPORTED_PLAYS,
  PLAY_PAIRS,
  SETTINGS,
  EXCLUDED_PLAYS,
  RECORDING_CHOICES,
  PLAYLIST_CHANGES,
]
