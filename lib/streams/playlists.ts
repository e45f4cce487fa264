import { Playlist } from '#lib/spotify/objects.ts'
import { boolean, type ColumnSet, identifier, integer, json, ranked, synced, text, withheld } from './columns.ts'
import { pictureColumns } from './pictures.ts'
import { rejectMissingId } from './rejections.ts'
import { defineStream } from './stream.ts'

const columns: ColumnSet<Playlist> = {
  ...ranked,
  ...synced,
  ...withheld,
  id: identifier((playlist) => playlist.id),
  name: text((playlist) => playlist.name),
  description: text((playlist) => playlist.description),
  uri: text((playlist) => playlist.uri),
  owner_id: identifier(({ owner }) => owner?.id),
  owner_name: text(({ owner }) => owner?.display_name),
  collaborative: boolean((playlist) => playlist.collaborative),
  is_public: boolean((playlist) => playlist.public),
  snapshot_id: text((playlist) => playlist.snapshot_id),
  items_total: integer(({ items }) => items?.total),
  owner: json((playlist) => playlist.owner),
  images: json((playlist) => playlist.images),
  external_urls: json((playlist) => playlist.external_urls),
  ...pictureColumns('', (playlist) => playlist.images),
  spotify_url: text((playlist) => playlist.external_urls?.spotify),
}

/** The listener's own and followed playlists, in the order of their library. */
export const playlists = defineStream({
  name: 'user_playlists_stream',
  title: 'Playlists',
  group: 'playlists',
  due: 'daily',
  // Without the second scope Spotify silently omits collaborative playlists.
  scopes: ['playlist-read-private', 'playlist-read-collaborative'],
  endpoint: '/me/playlists',
  query: {},
  requests: 'playlists',
  paging: 'offset',
  limit: 50,
  item: Playlist,
  identity: ({ id }) => id || null,
  rejects: rejectMissingId,
  columns,
  key: ['id'],
  load: 'overwrite',
  history: { kind: 'changes', table: 'user_playlists_history', carry: ['name', 'owner_name'] },
  keepsWithheld: 'anywhere',
  expectsWithheld: true, // playlists made by Spotify
  part({ id, snapshot_id, owner, collaborative }, { spotifyUserId }) {
    if (!id) return null
    // Collaborators can read the items of a collaborative playlist, but Spotify doesn't say who is one.
    return { id, version: snapshot_id ?? '', readable: owner?.id === spotifyUserId || collaborative === true }
  },
})
