import { apiError, HttpError, type JsonObject } from '#simulator/core/http.ts'
import type { Playlist } from '#simulator/music/music.ts'
import { offsetPage } from './paging.ts'
import { playlistItemObject, playlistObject } from './playlist-objects.ts'
import type { ApiRequest, Route } from './route.ts'

/** The ids of all playlists that Spotify makes start like this. New apps can't read them. */
const SPOTIFY_OWNED = '37i9dQZ'

/** Uses a field's name from before February 2026 if those are on. */
function withOldName(object: JsonObject, today: string, before: string, request: ApiRequest): JsonObject {
  const value = object[today]
  if (!request.oldShapes || value === undefined) return object
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name === today ? before : name, value]))
}

/** Without a scope, Spotify silently shortens the list. */
function isVisible(request: ApiRequest, playlist: Playlist | null): boolean {
  if (!playlist) return true
  if (playlist.collaborative && !request.scopes.has('playlist-read-collaborative')) return false
  return playlist.public === true || request.scopes.has('playlist-read-private')
}

function playlists(request: ApiRequest): JsonObject {
  const shown = request.music.playlists(request.at).filter((one) => isVisible(request, one))
  return offsetPage(request, { total: shown.length, entries: shown }, (one) => {
    if (!one) return null
    const items = { href: `${request.origin}/v1/playlists/${one.id}/items`, total: one.total }
    return withOldName(playlistObject(request.objects, one, items), 'items', 'tracks', request)
  })
}

function find(request: ApiRequest, id: string): Playlist {
  const playlist = id.startsWith(SPOTIFY_OWNED)
    ? undefined
    : request.music.playlists(request.at).find((one) => one?.id === id)
  if (!playlist) throw new HttpError(apiError(404, 'Resource not found'))
  return playlist
}

function entryPage(request: ApiRequest, playlist: Playlist): JsonObject {
  const entries = request.music.entries(playlist.id, request.at)
  const withEpisodes = (request.query.get('additional_types') ?? '').split(',').includes('episode')
  return offsetPage(request, { total: entries.length, entries }, (entry) =>
    withOldName(playlistItemObject(request.objects, request.catalog, entry, withEpisodes), 'item', 'track', request),
  )
}

function playlist(request: ApiRequest, id: string): JsonObject {
  const one = find(request, id)
  const query = new URLSearchParams({ limit: '50' })
  const items = one.readable ? entryPage({ ...request, path: `/playlists/${id}/items`, query }, one) : undefined
  return withOldName(playlistObject(request.objects, one, items), 'items', 'tracks', request)
}

function items(request: ApiRequest, id: string): JsonObject {
  const one = find(request, id)
  if (!one.readable) throw new HttpError(apiError(403, 'Forbidden'))
  return entryPage(request, one)
}

export const playlistRoutes: readonly Route[] = [
  { path: /^\/me\/playlists$/, respond: playlists },
  { path: /^\/playlists\/([^/]+)$/, respond: playlist },
  { path: /^\/playlists\/([^/]+)\/items$/, scope: 'playlist-read-private', respond: items },
]
