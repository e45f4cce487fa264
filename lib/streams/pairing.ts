import type { Columns, Table } from '#lib/core/table.ts'

/** Raw tables that are computed from loaded plays, after each load that added some. No stream fills them. */

function computed(name: string, key: string[], columns: Columns): Table {
  return { schema: 'raw', name, columns, key }
}

/**
 * Which play of the API is the same as which imported one. The play then counts once, with the time and length of the
 * import and the ids of the API.
 */
export const PLAY_PAIRS = computed('play_pairs', ['played_at', 'uri'], {
  played_at: 'timestamp',
  uri: 'text',
  import_played_at: 'timestamp',
  import_uri: 'text',
  import_ms_played: 'integer',
  distance_ms: 'integer',
  rule: 'integer',
  paired_at: 'timestamp',
})

/** Imported plays that another imported one, or a play of the API, already stands for. They don't count. */
export const IMPORT_DUPLICATES = computed('import_duplicates', ['played_at', 'uri', 'ms_played'], {
  played_at: 'timestamp',
  uri: 'text',
  ms_played: 'integer',
  kept_played_at: 'timestamp',
  kept_uri: 'text',
  /** Null: a play of the API. */
  kept_ms_played: 'integer',
  distance_ms: 'integer',
  rule: 'integer',
  paired_at: 'timestamp',
})

/** Ids that are made of names (lib/core/fold.ts), where exactly one id of Spotify's is known by those names. */
export const RESOLVED_IDS = computed('resolved_ids', ['kind', 'id'], {
  /** track, album or artist. */
  kind: 'text',
  id: 'text',
  resolved_id: 'text',
  resolved_at: 'timestamp',
})

/** In the order in which they are written. */
export const PAIRING_TABLES: Table[] = [PLAY_PAIRS, IMPORT_DUPLICATES, RESOLVED_IDS]
