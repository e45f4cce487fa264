import { Stop } from '#lib/core/errors.ts'
import { chartPlaylists } from './chart-playlists.ts'
import { followedArtists } from './followed-artists.ts'
import { playlistItems } from './playlist-items.ts'
import { playlists } from './playlists.ts'
import { recentlyPlayed } from './recently-played.ts'
import { savedAlbums } from './saved-albums.ts'
import { savedTracks } from './saved-tracks.ts'
import { PROFILE_SCOPE, SCOPES, type Scope } from './scopes.ts'
import type { Stream } from './stream.ts'
import { topArtists } from './top-artists.ts'
import { topTracks } from './top-tracks.ts'

/** All streams in the order of a first run, starting with those that fill the first page. */
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

/** What the consent page asks for: the streams' scopes, and the profile. Not email, which would only put people off. */
export const requestedScopes = (Object.keys(SCOPES) as Scope[]).filter(
  (scope) => scope === PROFILE_SCOPE || streams.some(({ scopes }) => scopes.includes(scope)),
)

const byName = new Map(streams.map((stream) => [stream.name, stream]))

/** @throws Stop for an unknown name */
export function streamNamed(name: string): Stream {
  const stream = byName.get(name)
  if (stream) return stream
  throw new Stop(`There is no stream "${name}"`, {
    remedy: 'This is a bug in Tracklake, or the run comes from a newer version.',
  })
}

/** The title of a stream for pages; its name if this version doesn't know it. */
export function titleOf(name: string): string {
  return byName.get(name)?.title ?? name
}
