import { Stop } from '#lib/core/errors.ts'
import { chartPlaylists } from './chart-playlists.ts'
import { followedArtists } from './followed-artists.ts'
import { playlistItems } from './playlist-items.ts'
import { playlists } from './playlists.ts'
import { recentlyPlayed } from './recently-played.ts'
import { savedAlbums } from './saved-albums.ts'
import { savedTracks } from './saved-tracks.ts'
import type { Stream } from './stream.ts'
import { topArtists } from './top-artists.ts'
import { topTracks } from './top-tracks.ts'

/** All streams, in the order of a first run: what fills the first page comes first. */
export const streams: Stream[] = [
  topTracks('short'),
  topArtists('short'),
  topTracks('medium'),
  topArtists('medium'),
  topTracks('long'),
  topArtists('long'),
  recentlyPlayed,
  playlists,
  playlistItems,
  savedTracks,
  savedAlbums,
  followedArtists,
  ...chartPlaylists,
]

const byName = new Map(streams.map((stream) => [stream.name, stream]))

/** @throws Stop for a name that no stream has */
export function streamNamed(name: string): Stream {
  const stream = byName.get(name)
  if (stream) return stream
  throw new Stop(`There is no stream "${name}"`, {
    remedy: 'Nothing to do for a listener. It is a mistake in the program, or a run of a newer version.',
  })
}

/** What the pages call a stream; its name where this version knows it no longer. */
export function titleOf(name: string): string {
  return byName.get(name)?.title ?? name
}
