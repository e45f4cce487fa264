import type { Table, TableName } from '#lib/core/table.ts'
import { STG_ALBUMS, STG_ARTISTS, STG_TRACKS } from '#lib/models/tables.ts'
import { ALBUMS, ARTISTS, TRACKS } from '#lib/streams/music.ts'
import type { Tables } from './embedded.ts'

const MUSIC: Record<'track' | 'album' | 'artist', { raw: Table; staged: TableName }> = {
  track: { raw: TRACKS, staged: STG_TRACKS },
  album: { raw: ALBUMS, staged: STG_ALBUMS },
  artist: { raw: ARTISTS, staged: STG_ARTISTS },
}

/**
 * Songs, albums or artists with `id` and what describes them, for a FROM clause. Before the first build of the models,
 * only what Spotify says. Null while there is nothing.
 */
export function described(kind: keyof typeof MUSIC, { table, has }: Pick<Tables, 'table' | 'has'>): string | null {
  const { raw, staged } = MUSIC[kind]
  if (has(staged)) return `(select *, ${kind}_id as id from ${table(staged)})`
  return has(raw) ? table(raw) : null
}
