import { fold } from '#lib/core/fold.ts'
import type { Columns, Row, Table } from '#lib/core/table.ts'
import type { MusicRow } from './music.ts'

/**
 * What exports say about music: names. Each import has rows of its own, so that undoing it takes nothing from the others.
 * They stay apart from what Spotify says, and models use them for music that no response of Spotify has described.
 */

function named(name: string, more: Columns): Table {
  const columns: Columns = {
    id: 'text',
    import_id: 'text',
    name: 'text',
    folded: 'text',
    ...more,
    first_seen_at: 'timestamp',
  }
  return { schema: 'raw', name, columns, key: ['id', 'import_id'] }
}

const BY_ARTIST: Columns = { artist_id: 'text', artist_name: 'text', artist_folded: 'text' }

const IMPORTED_TRACKS = named('imported_tracks', {
  uri: 'text',
  ...BY_ARTIST,
  album_id: 'text',
  album_name: 'text',
})
const IMPORTED_ALBUMS = named('imported_albums', BY_ARTIST)
const IMPORTED_ARTISTS = named('imported_artists', {})

export const IMPORTED_MUSIC: Table[] = [IMPORTED_TRACKS, IMPORTED_ALBUMS, IMPORTED_ARTISTS]

/** The column that says which import a row comes from. */
export const IMPORT_COLUMN = 'import_id'

/** A song as an export names it, with the ids that its plays have. */
export interface NamedSong {
  importId: string
  uri: string | null
  track: string | null
  artist: string | null
  album: string | null
  ids: { track: string; artist: string | null; album: string | null }
}

/** The rows for a song, its album and its artist. @param seenAt ISO 8601 */
export function* namedRows(
  { importId, uri, track, artist, album, ids }: NamedSong,
  seenAt: string,
): Generator<MusicRow> {
  const row = (id: string, name: string | null, more: Row): Row => ({
    id,
    [IMPORT_COLUMN]: importId,
    name,
    folded: name && fold(name),
    ...more,
    first_seen_at: seenAt,
  })
  const byArtist = { artist_id: ids.artist, artist_name: artist, artist_folded: artist && fold(artist) }
  yield {
    table: IMPORTED_TRACKS,
    id: ids.track,
    row: row(ids.track, track, { uri, ...byArtist, album_id: ids.album, album_name: album }),
  }
  if (ids.album) yield { table: IMPORTED_ALBUMS, id: ids.album, row: row(ids.album, album, byArtist) }
  if (ids.artist) yield { table: IMPORTED_ARTISTS, id: ids.artist, row: row(ids.artist, artist, {}) }
}
