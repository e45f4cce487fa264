import { SavedTrack } from '#lib/spotify/objects.ts'
import { type ColumnSet, inside, synced, timestamp, withheld } from './columns.ts'
import { rejectMissingId } from './rejections.ts'
import { defineStream } from './stream.ts'
import { trackColumns } from './track-columns.ts'

// Without rank, because each new like would change it on every row.
const columns: ColumnSet<SavedTrack> = {
  ...synced,
  ...withheld,
  added_at: timestamp((saved) => saved.added_at),
  ...inside((saved) => saved.track, trackColumns),
}

/** The listener's liked songs, newest first. */
export const savedTracks = defineStream({
  name: 'user_saved_tracks_stream',
  title: 'Liked songs',
  group: 'library',
  due: 'daily',
  scopes: ['user-library-read'],
  endpoint: '/me/tracks',
  query: {},
  requests: 'library',
  paging: 'offset',
  limit: 50,
  item: SavedTrack,
  // Two likes can have the same track if Spotify replaced both with one playable track; their times differ.
  identity: ({ track, added_at }) => (track?.id ? `${track.id} ${added_at}` : null),
  rejects: ({ track }) => rejectMissingId(track),
  columns,
  music: ({ track }) => ({ tracks: [track] }),
  key: ['id'],
  load: 'overwrite',
  history: { kind: 'changes', table: 'user_saved_tracks_history', carry: ['added_at'] },
  changeDetection: 'growth',
  keepsWithheld: 'by time',
})
