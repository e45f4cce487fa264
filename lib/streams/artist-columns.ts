import type { Artist } from '#lib/spotify/objects.ts'
import { type ColumnSet, identifier, integer, json, text } from './columns.ts'
import { pictureColumns } from './pictures.ts'

/** An artist with tap-spotify's column names, plus flat columns. */
export const artistColumns: ColumnSet<Artist> = {
  id: identifier((artist) => artist.id),
  name: text((artist) => artist.name),
  type: text((artist) => artist.type),
  uri: text((artist) => artist.uri),
  href: text((artist) => artist.href),
  popularity: integer((artist) => artist.popularity),
  genres: json((artist) => artist.genres),
  followers: json((artist) => artist.followers),
  images: json((artist) => artist.images),
  external_urls: json((artist) => artist.external_urls),
  ...pictureColumns('', (artist) => artist.images),
  spotify_url: text((artist) => artist.external_urls?.spotify),
}

/** The artists of a track or album without JSON: the first one's id, and all of them separated by ", ". */
export const creditColumns: ColumnSet<{ artists?: (Artist | null)[] | null }> = {
  artist_id: identifier(({ artists }) => artists?.[0]?.id),
  artist_ids: text(({ artists }) => joined(artists?.map((artist) => artist?.id))),
  artist_names: text(({ artists }) => joined(artists?.map((artist) => artist?.name))),
}

function joined(texts: (string | null | undefined)[] | undefined): string | null {
  return texts?.filter(Boolean).join(', ') || null
}
