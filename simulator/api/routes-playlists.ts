import { apiError, Ended } from '#simulator/core/http.ts'
import type { Playlist } from '#simulator/music/music.ts'
import type { JsonObject } from '#simulator/catalogue/oddities.ts'
import { offsetPage } from './paging.ts'
import type { Asked, Route } from './route.ts'
import { wordEntry, wordPlaylist } from './playlist-objects.ts'

/** All playlists that Spotify makes begin like this; new apps may not read them. */
const SPOTIFY_OWNED = '37i9dQZ'

/** Puts the names of before February 2026 in the place of today's. */
function renamed(object: JsonObject, today: string, before: string, asked: Asked): JsonObject {
  const value = object[today]
  if (!asked.oldShapes || value === undefined) return object
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name === today ? before : name, value]))
}

/** Scopes that were not given shorten the list silently. */
function visible(asked: Asked, playlist: Playlist | null): boolean {
  if (!playlist) return true
  if (playlist.collaborative && !asked.scopes.has('playlist-read-collaborative')) return false
  return playlist.public === true || asked.scopes.has('playlist-read-private')
}

function playlists(asked: Asked): JsonObject {
  const shown = asked.music.playlists(asked.at).filter((one) => visible(asked, one))
  return offsetPage(asked, { total: shown.length, entries: shown }, (one) => {
    if (!one) return null
    const items = { href: `${asked.origin}/v1/playlists/${one.id}/items`, total: one.total }
    return renamed(wordPlaylist(asked.wire, one, items), 'items', 'tracks', asked)
  })
}

function find(asked: Asked, id: string): Playlist {
  const playlist = id.startsWith(SPOTIFY_OWNED)
    ? undefined
    : asked.music.playlists(asked.at).find((one) => one?.id === id)
  if (!playlist) throw new Ended(apiError(404, 'Resource not found'))
  return playlist
}

function entryPage(asked: Asked, playlist: Playlist): JsonObject {
  const entries = asked.music.entries(playlist.id, asked.at)
  const asksEpisodes = (asked.query.get('additional_types') ?? '').split(',').includes('episode')
  return offsetPage(asked, { total: entries.length, entries }, (entry) =>
    renamed(wordEntry(asked.wire, asked.catalogue, entry, asksEpisodes), 'item', 'track', asked),
  )
}

function playlist(asked: Asked, id: string): JsonObject {
  const one = find(asked, id)
  const query = new URLSearchParams({ limit: '50' })
  const items = one.readable ? entryPage({ ...asked, path: `/playlists/${id}/items`, query }, one) : undefined
  return renamed(wordPlaylist(asked.wire, one, items), 'items', 'tracks', asked)
}

function items(asked: Asked, id: string): JsonObject {
  const one = find(asked, id)
  if (!one.readable) throw new Ended(apiError(403, 'Forbidden'))
  return entryPage(asked, one)
}

export const playlistRoutes: readonly Route[] = [
  { path: /^\/me\/playlists$/, answer: playlists },
  { path: /^\/playlists\/([^/]+)$/, answer: playlist },
  { path: /^\/playlists\/([^/]+)\/items$/, scope: 'playlist-read-private', answer: items },
]
