import { apiError, HttpError } from '#simulator/core/http.ts'
import type { JsonObject } from '#simulator/core/http.ts'
import { offsetPage } from './paging.ts'
import type { ApiRequest, Route } from './route.ts'

/** Single tracks, albums and artists: one id per call, which Spotify counts dearly. */

/** Since February 2026 an artist's albums come ten at a time. */
const MOST_ALBUMS = 10

function find(asked: ApiRequest, kind: 'artist' | 'album' | 'track', id: string): number {
  const index = asked.catalogue.find(kind, id)
  if (index === undefined) throw new HttpError(apiError(404, 'Resource not found'))
  return index
}

function albumTracks(asked: ApiRequest, index: number): JsonObject {
  const entries = asked.catalogue.tracksOf(asked.catalogue.album(index))
  return offsetPage(asked, { total: entries.length, entries }, asked.objects.simpleTrack)
}

function artistAlbums(asked: ApiRequest, id: string): JsonObject {
  const entries = asked.catalogue.albumsOf(find(asked, 'artist', id))
  return offsetPage(
    asked,
    { total: entries.length, entries },
    ({ index }) => asked.objects.simpleAlbum(index),
    MOST_ALBUMS,
  )
}

export const catalogueRoutes: readonly Route[] = [
  { path: /^\/tracks\/([^/]+)$/, respond: (asked, id) => asked.objects.track(find(asked, 'track', id)) },
  { path: /^\/artists\/([^/]+)$/, respond: (asked, id) => asked.objects.artist(find(asked, 'artist', id)) },
  { path: /^\/albums\/([^/]+)$/, respond: (asked, id) => asked.objects.album(find(asked, 'album', id)) },
  { path: /^\/albums\/([^/]+)\/tracks$/, respond: (asked, id) => albumTracks(asked, find(asked, 'album', id)) },
  { path: /^\/artists\/([^/]+)\/albums$/, respond: artistAlbums },
]
