import { fold, idFromNames } from '#lib/core/fold.ts'
import type { Row, Table } from '#lib/core/table.ts'
import type { Album, Artist, Track } from '#lib/spotify/objects.ts'
import { boolean, type ColumnSet, integer, rowOf, text, timestamp, typesOf } from './columns.ts'
import { pictureColumns } from './pictures.ts'

/**
 * What describes music is stored once, not with every play or like: one row for each song, album and artist that any
 * stream has shown. Each column has the newest value that wasn't null, because most responses show only some of them.
 */

/** The music in an item. Albums and artists of its songs don't have to be repeated. */
export interface MusicObjects {
  tracks?: (Track | null | undefined)[]
  albums?: (Album | null | undefined)[]
  artists?: (Artist | null | undefined)[]
}

type Credits = { artists?: (Artist | null)[] | null | undefined }

const firstArtist = ({ artists }: Credits) => artists?.find((artist) => artist?.name || artist?.id)

/** Spotify's id, or one made of the names; null without either. */
function artistIdOf(artist: Artist | null | undefined): string | null {
  if (!artist) return null
  return artist.id || (artist.name ? idFromNames(artist.name) : null)
}

/** As `artistIdOf`. */
export function albumIdOf(album: Album | null | undefined): string | null {
  if (!album) return null
  return album.id || (album.name ? idFromNames(album.name, firstArtist(album)?.name) : null)
}

/** As `artistIdOf`. Episodes are no songs. */
export function trackIdOf(track: Track | null | undefined): string | null {
  if (!track || track.type === 'episode') return null
  return track.id || (track.name ? idFromNames(track.name, firstArtist(track)?.name) : null)
}

/** The artist that plays of the song count for. */
export const leadArtistIdOf = (credits: Credits) => artistIdOf(firstArtist(credits))

const named: ColumnSet<{ name?: string | null | undefined; uri?: string | null | undefined }> = {
  uri: text(({ uri }) => uri),
  name: text(({ name }) => name || null),
  folded: text(({ name }) => (name ? fold(name) : null)),
}

const credits: ColumnSet<Credits> = {
  artist_id: text(leadArtistIdOf),
  artist_ids: text(({ artists }) => artists?.flatMap((artist) => artistIdOf(artist) ?? []).join(', ') || null),
  artist_names: text(({ artists }) => artists?.flatMap((artist) => artist?.name || []).join(', ') || null),
}

const links: ColumnSet<{ external_urls?: { spotify?: string | null | undefined } | null | undefined }> = {
  spotify_url: text(({ external_urls }) => external_urls?.spotify),
  first_seen_at: timestamp((_item, { syncedAt }) => syncedAt),
}

const trackColumns: ColumnSet<Track> = {
  id: text(trackIdOf),
  ...named,
  ...credits,
  album_id: text(({ album }) => albumIdOf(album)),
  album_name: text(({ album }) => album?.name || null),
  duration_ms: integer(({ duration_ms }) => duration_ms || null),
  explicit: boolean(({ explicit }) => explicit),
  isrc: text(({ external_ids }) => external_ids?.isrc),
  disc_number: integer(({ disc_number }) => disc_number),
  track_number: integer(({ track_number }) => track_number),
  ...pictureColumns('', ({ album }) => album?.images),
  ...links,
}

const albumColumns: ColumnSet<Album> = {
  id: text(albumIdOf),
  ...named,
  ...credits,
  album_type: text(({ album_type }) => album_type),
  // As Spotify sends it: a day, a month or a year.
  release_date: text(({ release_date }) => release_date),
  release_date_precision: text(({ release_date_precision }) => release_date_precision),
  total_tracks: integer(({ total_tracks }) => total_tracks),
  label: text(({ label }) => label),
  upc: text(({ external_ids }) => external_ids?.upc),
  ...pictureColumns('', ({ images }) => images),
  ...links,
}

const artistColumns: ColumnSet<Artist> = {
  id: text(artistIdOf),
  ...named,
  genres: text(({ genres }) => (Array.isArray(genres) ? genres.filter(Boolean).join(', ') || null : null)),
  ...pictureColumns('', ({ images }) => images),
  ...links,
}

function tableOf<Item>(name: string, columns: ColumnSet<Item>): Table {
  return { schema: 'raw', name, columns: typesOf(columns), key: ['id'] }
}

export const TRACKS = tableOf('tracks', trackColumns)
export const ALBUMS = tableOf('albums', albumColumns)
export const ARTISTS = tableOf('artists', artistColumns)

/** The tables that describe music, which all streams fill together. */
export const MUSIC_TABLES = [TRACKS, ALBUMS, ARTISTS]

/** A row for one of the tables that describe music. */
export interface MusicRow {
  table: Table
  id: string
  row: Row
}

/** The rows that describe the music in an item, including the albums and artists of its songs. @param seenAt ISO 8601 */
export function* musicRows({ tracks, albums, artists }: MusicObjects, seenAt: string): Generator<MusicRow> {
  for (const track of tracks ?? []) {
    if (!track || track.type === 'episode') continue
    yield* rowsFor(TRACKS, trackColumns, trackIdOf(track), track, seenAt)
    yield* musicRows({ albums: [track.album], artists: track.artists ?? [] }, seenAt)
  }
  for (const album of albums ?? []) {
    if (!album) continue
    yield* rowsFor(ALBUMS, albumColumns, albumIdOf(album), album, seenAt)
    yield* musicRows({ artists: album.artists ?? [] }, seenAt)
  }
  for (const artist of artists ?? []) {
    if (artist) yield* rowsFor(ARTISTS, artistColumns, artistIdOf(artist), artist, seenAt)
  }
}

function* rowsFor<Item>(
  table: Table,
  columns: ColumnSet<Item>,
  id: string | null,
  item: Item,
  seenAt: string,
): Generator<MusicRow> {
  if (id !== null) yield { table, id, row: rowOf(columns, item, { rank: 0, syncedAt: seenAt, part: null }) }
}
