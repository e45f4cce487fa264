import { recentlyPlayed } from './recently-played.ts'
import { savedTracks } from './saved-tracks.ts'
import type { Stream } from './stream.ts'
import { topArtists } from './top-artists.ts'
import { topTracks } from './top-tracks.ts'

/** All streams, in the order of a first run: what fills the first page comes first. */
export const streams: Stream[] = [
  topTracks('st'),
  topArtists('st'),
  topTracks('mt'),
  topArtists('mt'),
  topTracks('lt'),
  topArtists('lt'),
  recentlyPlayed,
  savedTracks,
]

const byName = new Map(streams.map((stream) => [stream.name, stream]))

export function streamNamed(name: string): Stream | undefined {
  return byName.get(name)
}
