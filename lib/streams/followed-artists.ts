import { Artist } from '#lib/spotify/objects.ts'
import { artistColumns } from './artist-columns.ts'
import { ranked, synced, withheld } from './columns.ts'
import { rejectMissingId } from './rejections.ts'
import { defineStream } from './stream.ts'

/** The artists that the listener follows, in an undocumented order. */
export const followedArtists = defineStream({
  name: 'user_followed_artists_stream',
  title: 'Followed artists',
  group: 'library',
  due: 'daily',
  scopes: ['user-follow-read'],
  endpoint: '/me/following',
  query: { type: 'artist' },
  requests: 'library',
  paging: 'cursor',
  limit: 50,
  item: Artist,
  wrappedIn: 'artists',
  identity: ({ id }) => id || null,
  rejects: rejectMissingId,
  columns: { ...ranked, ...synced, ...withheld, ...artistColumns },
  music: (artist) => ({ artists: [artist] }),
  key: ['id'],
  load: 'overwrite',
  history: { kind: 'changes', table: 'user_followed_artists_history', carry: ['name'] },
  changeDetection: 'nothing new',
  keepsWithheld: 'anywhere',
})
