import { PlaylistItem } from '#lib/spotify/objects.ts'
import { creditColumns } from './artist-columns.ts'
import {
  boolean,
  type ColumnSet,
  identifier,
  inside,
  integer,
  json,
  synced,
  text,
  timestamp,
  withheld,
} from './columns.ts'
import { WITHDRAWN } from './rejections.ts'
import { defineStream } from './stream.ts'
import { albumOfTrackColumns } from './track-columns.ts'

type Media = NonNullable<PlaylistItem['item']>

const mediaColumns: ColumnSet<Media> = {
  item_type: text((media) => media.type),
  uri: text((media) => media.uri),
  track_id: identifier((media) => (media.type === 'episode' ? null : media.id)),
  name: text((media) => media.name),
  ...creditColumns,
  ...albumOfTrackColumns,
  duration_ms: integer((media) => media.duration_ms),
  explicit: boolean((media) => media.explicit),
  isrc: text((media) => media.external_ids?.isrc),
  show_name: text((media) => media.show?.name),
  spotify_url: text((media) => media.external_urls?.spotify),
  item: json((media) => media),
}

const columns: ColumnSet<PlaylistItem> = {
  ...synced,
  ...withheld,
  playlist_id: text((_entry, { part }) => part),
  position: integer((_entry, { rank }) => rank),
  added_at: timestamp((entry) => entry.added_at),
  added_by_id: identifier((entry) => entry.added_by?.id),
  is_local: boolean((entry) => entry.is_local ?? entry.item?.is_local),
  ...inside((entry) => entry.item, mediaColumns),
}

/**
 * The contents of the playlists that the listener can read: tracks, episodes and files from their own computer. A playlist
 * can contain a track twice; if both were added together, the entries differ only in their position.
 */
export const playlistItems = defineStream({
  name: 'user_playlist_items_stream',
  title: 'Songs in playlists',
  group: 'playlists',
  due: 'daily',
  scopes: ['playlist-read-private'],
  endpoint: '/playlists/{part}/items',
  query: { additional_types: 'track,episode' }, // without this Spotify sends null for an episode
  requests: 'playlist items',
  paging: 'offset',
  limit: 50,
  item: PlaylistItem,
  identity: ({ item, added_at }) => (item?.uri ? `${item.uri} ${added_at}` : null),
  repeats: true,
  rejects: ({ item }) => (item === null ? WITHDRAWN : null),
  columns,
  music: ({ item }) => ({ tracks: [item] }),
  key: ['playlist_id', 'position'],
  load: 'replace part',
  history: {
    kind: 'changes',
    table: 'user_playlist_items_history',
    by: ['playlist_id', 'uri'],
    carry: ['track_id', 'name', 'artist_names'],
  },
  partsOf: { stream: 'user_playlists_stream', column: 'playlist_id' },
  keepsWithheld: 'in place',
})
