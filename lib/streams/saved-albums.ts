import { type Album, SavedAlbum } from '#lib/spotify/objects.ts'
import { creditColumns } from './artist-columns.ts'
import { type ColumnSet, identifier, inside, integer, json, synced, text, timestamp, withheld } from './columns.ts'
import { pictureColumns } from './pictures.ts'
import { rejectMissingId } from './rejections.ts'
import { defineStream } from './stream.ts'

/** Without `tracks`: up to 50 tracks of a kilobyte each, which the landed response still has. */
const albumColumns: ColumnSet<Album> = {
  id: identifier((album) => album.id),
  name: text((album) => album.name),
  type: text((album) => album.type),
  uri: text((album) => album.uri),
  href: text((album) => album.href),
  album_type: text((album) => album.album_type),
  release_date: text((album) => album.release_date),
  release_date_precision: text((album) => album.release_date_precision),
  total_tracks: integer((album) => album.total_tracks),
  label: text((album) => album.label),
  popularity: integer((album) => album.popularity),
  artists: json((album) => album.artists),
  copyrights: json((album) => album.copyrights),
  external_ids: json((album) => album.external_ids),
  external_urls: json((album) => album.external_urls),
  genres: json((album) => album.genres),
  images: json((album) => album.images),
  restrictions: json((album) => album.restrictions),
  ...creditColumns,
  ...pictureColumns('', (album) => album.images),
  upc: text((album) => album.external_ids?.upc),
  spotify_url: text((album) => album.external_urls?.spotify),
}

const columns: ColumnSet<SavedAlbum> = {
  ...synced,
  ...withheld,
  added_at: timestamp((saved) => saved.added_at),
  ...inside((saved) => saved.album, albumColumns),
}

/** The albums in the listener's library, newest first. */
export const savedAlbums = defineStream({
  name: 'user_saved_albums_stream',
  title: 'Saved albums',
  group: 'library',
  due: 'daily',
  scopes: ['user-library-read'],
  endpoint: '/me/albums',
  query: {},
  requests: 'library',
  paging: 'offset',
  limit: 50,
  item: SavedAlbum,
  identity: ({ album, added_at }) => (album?.id ? `${album.id} ${added_at}` : null),
  rejects: ({ album }) => rejectMissingId(album),
  columns,
  music: ({ album }) => ({ albums: [album] }),
  key: ['id'],
  load: 'overwrite',
  history: { kind: 'changes', table: 'user_saved_albums_history', carry: ['added_at'] },
  changeDetection: 'growth',
  keepsWithheld: 'by time',
})
