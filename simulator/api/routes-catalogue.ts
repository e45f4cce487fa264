import { apiError, Ended } from '#simulator/core/http.ts'
import type { JsonObject } from '#simulator/catalogue/oddities.ts'
import { offsetPage } from './paging.ts'
import type { Asked, Route } from './route.ts'

/** Single tracks, albums and artists: one id per call, which Spotify counts dearly. */

/** Since February 2026 an artist's albums come ten at a time. */
const MOST_ALBUMS = 10

function find(asked: Asked, kind: 'artist' | 'album' | 'track', id: string): number {
  const index = asked.catalogue.find(kind, id)
  if (index === undefined) throw new Ended(apiError(404, 'Resource not found'))
  return index
}

function albumTracks(asked: Asked, index: number): JsonObject {
  const entries = asked.catalogue.tracksOf(asked.catalogue.album(index))
  return offsetPage(asked, { total: entries.length, entries }, asked.wire.simpleTrack)
}

function artistAlbums(asked: Asked, id: string): JsonObject {
  const entries = asked.catalogue.albumsOf(find(asked, 'artist', id))
  return offsetPage(
    asked,
    { total: entries.length, entries },
    ({ index }) => asked.wire.simpleAlbum(index),
    MOST_ALBUMS,
  )
}

export const catalogueRoutes: readonly Route[] = [
  { path: /^\/tracks\/([^/]+)$/, answer: (asked, id) => asked.wire.track(find(asked, 'track', id)) },
  { path: /^\/artists\/([^/]+)$/, answer: (asked, id) => asked.wire.artist(find(asked, 'artist', id)) },
  { path: /^\/albums\/([^/]+)$/, answer: (asked, id) => asked.wire.album(find(asked, 'album', id)) },
  { path: /^\/albums\/([^/]+)\/tracks$/, answer: (asked, id) => albumTracks(asked, find(asked, 'album', id)) },
  { path: /^\/artists\/([^/]+)\/albums$/, answer: artistAlbums },
]
