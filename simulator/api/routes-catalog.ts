import { apiError, HttpError, type JsonObject } from '#simulator/core/http.ts'
import { offsetPage } from './paging.ts'
import type { ApiRequest, Route } from './route.ts'

/** Single tracks, albums and artists. New apps can request only one id per call. */

/** Since February 2026 an artist's albums come ten at a time. */
const MAX_ALBUMS_PER_PAGE = 10

function find(request: ApiRequest, kind: 'artist' | 'album' | 'track', id: string): number {
  const index = request.catalog.find(kind, id)
  if (index === undefined) throw new HttpError(apiError(404, 'Resource not found'))
  return index
}

function albumTracks(request: ApiRequest, index: number): JsonObject {
  const entries = request.catalog.tracksOf(request.catalog.album(index))
  return offsetPage(request, { total: entries.length, entries }, request.objects.simpleTrack)
}

function artistAlbums(request: ApiRequest, id: string): JsonObject {
  const entries = request.catalog.albumsOf(find(request, 'artist', id))
  return offsetPage(
    request,
    { total: entries.length, entries },
    ({ index }) => request.objects.simpleAlbum(index),
    MAX_ALBUMS_PER_PAGE,
  )
}

export const catalogRoutes: readonly Route[] = [
  { path: /^\/tracks\/([^/]+)$/, respond: (request, id) => request.objects.track(find(request, 'track', id)) },
  { path: /^\/artists\/([^/]+)$/, respond: (request, id) => request.objects.artist(find(request, 'artist', id)) },
  { path: /^\/albums\/([^/]+)$/, respond: (request, id) => request.objects.album(find(request, 'album', id)) },
  { path: /^\/albums\/([^/]+)\/tracks$/, respond: (request, id) => albumTracks(request, find(request, 'album', id)) },
  { path: /^\/artists\/([^/]+)\/albums$/, respond: artistAlbums },
]
