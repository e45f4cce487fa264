import { apiError, HttpError } from '#simulator/core/http.ts'
import type { Playlist } from '#simulator/music/music.ts'
import type { JsonObject } from '#simulator/core/http.ts'
import { offsetPage } from './paging.ts'
import type { ApiRequest, Route } from './route.ts'
import { playlistItemObject, playlistObject } from './playlist-objects.ts'

/** All playlists that Spotify makes begin like this; new apps may not read them. */
const SPOTIFY_OWNED = '37i9dQZ'

/** Puts the names of before February 2026 in the place of today's. */
function withOldName(object: JsonObject, today: string, before: string, asked: ApiRequest): JsonObject {
  const value = object[today]
  if (!asked.oldShapes || value === undefined) return object
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name === today ? before : name, value]))
}

/** Scopes that were not given shorten the list silently. */
function isVisible(asked: ApiRequest, playlist: Playlist | null): boolean {
  if (!playlist) return true
  if (playlist.collaborative && !asked.scopes.has('playlist-read-collaborative')) return false
  return playlist.public === true || asked.scopes.has('playlist-read-private')
}

function playlists(asked: ApiRequest): JsonObject {
  const shown = asked.music.playlists(asked.at).filter((one) => isVisible(asked, one))
  return offsetPage(asked, { total: shown.length, entries: shown }, (one) => {
    if (!one) return null
    const items = { href: `${asked.origin}/v1/playlists/${one.id}/items`, total: one.total }
    return withOldName(playlistObject(asked.objects, one, items), 'items', 'tracks', asked)
  })
}

function find(asked: ApiRequest, id: string): Playlist {
  const playlist = id.startsWith(SPOTIFY_OWNED)
    ? undefined
    : asked.music.playlists(asked.at).find((one) => one?.id === id)
  if (!playlist) throw new HttpError(apiError(404, 'Resource not found'))
  return playlist
}

function entryPage(asked: ApiRequest, playlist: Playlist): JsonObject {
  const entries = asked.music.entries(playlist.id, asked.at)
  const asksEpisodes = (asked.query.get('additional_types') ?? '').split(',').includes('episode')
  return offsetPage(asked, { total: entries.length, entries }, (entry) =>
    withOldName(playlistItemObject(asked.objects, asked.catalogue, entry, asksEpisodes), 'item', 'track', asked),
  )
}

function playlist(asked: ApiRequest, id: string): JsonObject {
  const one = find(asked, id)
  const query = new URLSearchParams({ limit: '50' })
  const items = one.readable ? entryPage({ ...asked, path: `/playlists/${id}/items`, query }, one) : undefined
  return withOldName(playlistObject(asked.objects, one, items), 'items', 'tracks', asked)
}

function items(asked: ApiRequest, id: string): JsonObject {
  const one = find(asked, id)
  if (!one.readable) throw new HttpError(apiError(403, 'Forbidden'))
  return entryPage(asked, one)
}

export const playlistRoutes: readonly Route[] = [
  { path: /^\/me\/playlists$/, respond: playlists },
  { path: /^\/playlists\/([^/]+)$/, respond: playlist },
  { path: /^\/playlists\/([^/]+)\/items$/, scope: 'playlist-read-private', respond: items },
]
