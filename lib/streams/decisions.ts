import type { Columns, Table } from '#lib/core/table.ts'

/** Raw tables of what a listener decides about counting. No stream fills them: they come from Postgres. */

function decision(name: string, key: string[], columns: Columns): Table {
  return { schema: 'raw', name, columns, key }
}

export const SETTINGS = decision('settings', ['id'], {
  id: 'integer',
  zone: 'text',
  week_start: 'integer',
  counting_rule: 'text',
  counts_private: 'boolean',
  counts_skips: 'boolean',
  counts_other_sources: 'boolean',
})

/** An exclusion that was undone stays, with `excluded` false. */
export const EXCLUDED_PLAYS = decision('excluded_plays', ['played_at', 'uri'], {
  played_at: 'timestamp',
  uri: 'text',
  excluded: 'boolean',
  changed_at: 'timestamp',
})

/** Without chains: no song counts as one that counts as another. */
export const RECORDING_CHOICES = decision('recording_choices', ['track_id'], {
  track_id: 'text',
  recording_id: 'text',
  changed_at: 'timestamp',
})

/**
 * The genres of artists by source, without Spotify's, which raw.artists has. Several have ", " between them; empty: none.
 * Null: the listener took their own back.
 */
export const GENRE_MAP = decision('genre_map', ['artist_id', 'source'], {
  artist_id: 'text',
  source: 'text',
  genres: 'text',
  changed_at: 'timestamp',
})

export const DECISIONS: Table[] = [SETTINGS, EXCLUDED_PLAYS, RECORDING_CHOICES, GENRE_MAP]
