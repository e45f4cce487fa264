import type { Columns, Table } from '#lib/core/table.ts'

/** The raw tables that models select from. A build creates those that nothing has been loaded into yet. */

function raw(name: string, key: string[], columns: Columns): Table {
  return { schema: 'raw', name, columns, key }
}

const PLAYS = raw('plays', ['played_at', 'uri'], {
  played_at: 'timestamp',
  uri: 'text',
  track_id: 'text',
  artist_id: 'text',
  album_id: 'text',
  context_type: 'text',
  context_uri: 'text',
  synced_at: 'timestamp',
})

const described: Columns = { id: 'text', uri: 'text', name: 'text', folded: 'text' }
const credits: Columns = { artist_id: 'text', artist_ids: 'text', artist_names: 'text' }
const links: Columns = {
  image_url: 'text',
  image_small_url: 'text',
  spotify_url: 'text',
  first_seen_at: 'timestamp',
}

const TRACKS = raw('tracks', ['id'], {
  ...described,
  ...credits,
  album_id: 'text',
  album_name: 'text',
  duration_ms: 'integer',
  explicit: 'boolean',
  isrc: 'text',
  disc_number: 'integer',
  track_number: 'integer',
  ...links,
})

const ALBUMS = raw('albums', ['id'], {
  ...described,
  ...credits,
  album_type: 'text',
  release_date: 'text',
  release_date_precision: 'text',
  total_tracks: 'integer',
  label: 'text',
  upc: 'text',
  ...links,
})

const ARTISTS = raw('artists', ['id'], { ...described, genres: 'text', ...links })

const IMPORTED_PLAYS = raw('imported_plays', ['played_at', 'uri', 'ms_played'], {
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

const SETTINGS = raw('settings', ['id'], {
  id: 'integer',
  zone: 'text',
  week_start: 'integer',
  counting_rule: 'text',
  counts_private: 'boolean',
  counts_skips: 'boolean',
  counts_other_sources: 'boolean',
})

const EXCLUDED_PLAYS = raw('excluded_plays', ['played_at', 'uri'], {
  played_at: 'timestamp',
  uri: 'text',
  excluded: 'boolean',
  changed_at: 'timestamp',
})

const RECORDING_CHOICES = raw('recording_choices', ['track_id'], {
  track_id: 'text',
  recording_id: 'text',
  changed_at: 'timestamp',
})

export const SOURCES: readonly Table[] = [
  PLAYS,
  TRACKS,
  ALBUMS,
  ARTISTS,
  IMPORTED_PLAYS,
  PLAY_PAIRS,
  SETTINGS,
  EXCLUDED_PLAYS,
  RECORDING_CHOICES,
]
