import { MINUTE } from '#lib/core/clock.ts'
import type { Json } from '#lib/core/table.ts'
import { apiError, HttpError, type JsonObject } from '#simulator/core/http.ts'
import { hash, hashText } from '#simulator/core/random.ts'
import type { Play, Range } from '#simulator/music/music.ts'
import { cursorPage, offsetPage, readLimit } from './paging.ts'
import { contextObject, isoSeconds, userObject } from './playlist-objects.ts'
import type { ApiRequest, Route } from './route.ts'

/** Everything below /me except playlists. */

/**
 * Spotify never returns plays before the last 50, and often shows fewer, with a `next`: 42 to 49 in 93 recorded responses.
 * Podcasts probably count too, although they are not shown.
 */
const PLAY_WINDOW = 50
const MAX_HIDDEN_PLAYS = 8
const MAX_PLAY_LENGTH = 10 * MINUTE
const RANGES: readonly Range[] = ['short_term', 'medium_term', 'long_term']

function me({ origin, listener, objects, catalog }: ApiRequest): JsonObject {
  return {
    account_id: catalog.id('user', hash(catalog.seed, hashText(listener.id))),
    display_name: listener.displayName,
    ...userObject(origin, listener.id),
    images: listener.hasPicture ? objects.images('user', listener.id, [300, 64]) : [],
  }
}

function readRange(query: URLSearchParams): Range {
  const name = query.get('time_range') ?? 'medium_term'
  const range = RANGES.find((one) => one === name)
  if (!range) throw new HttpError(apiError(400, 'Invalid time range'))
  return range
}

function savedTracks(request: ApiRequest): JsonObject {
  const saved = request.music.savedTracks(request.at)
  return offsetPage(request, { total: saved.length + request.music.phantoms, entries: saved }, ({ ref, addedAt }) => ({
    added_at: isoSeconds(addedAt),
    track: request.objects.track(ref),
  }))
}

function savedAlbums(request: ApiRequest): JsonObject {
  const saved = request.music.savedAlbums(request.at)
  return offsetPage(request, { total: saved.length, entries: saved }, ({ ref, addedAt }) => ({
    added_at: isoSeconds(addedAt),
    album: request.objects.album(ref),
  }))
}

/** Sorted by id, so that a cursor stays valid when follows change between pages. */
function following(request: ApiRequest): JsonObject {
  const { query, objects, music, at } = request
  if (query.get('type') !== 'artist') throw new HttpError(apiError(400, 'Unsupported type'))
  const limit = readLimit(query, 50)
  const after = query.get('after') ?? ''
  const all = music.followed(at).map((index) => ({ index, id: objects.id('artist', index) }))
  const rest = all.filter(({ id }) => id > after).sort((a, b) => (a.id < b.id ? -1 : 1))
  const page = rest.slice(0, limit)
  const last = rest.length > limit ? (page.at(-1)?.id ?? null) : null
  const items = page.map(({ index }) => objects.artist(index))
  return {
    artists: {
      ...cursorPage(request, items, limit, { after: last }, last ? { after: last } : null),
      total: all.length,
    },
  }
}

function playObject({ objects, origin }: ApiRequest, { ref, playedAt, context }: Play): Json {
  return {
    track: objects.track(ref),
    played_at: new Date(playedAt).toISOString(),
    context: context && contextObject(origin, context),
  }
}

function readCursor(query: URLSearchParams, name: 'after' | 'before'): number | undefined {
  const cursor = query.get(name)
  if (cursor === null) return undefined
  if (!/^\d{1,16}$/.test(cursor)) throw new HttpError(apiError(400, `Invalid ${name}`))
  return Number(cursor)
}

function recentlyPlayed(request: ApiRequest): JsonObject {
  const { query, music, at } = request
  const limit = readLimit(query, PLAY_WINDOW)
  const after = readCursor(query, 'after')
  const before = readCursor(query, 'before')
  if (after !== undefined && before !== undefined) throw new HttpError(apiError(400, 'Only one of after and before'))
  const window = music.plays(0, at, PLAY_WINDOW)
  const hidden = window.length < PLAY_WINDOW ? 0 : hash(window[0]?.playedAt ?? 0) % (MAX_HIDDEN_PLAYS + 1)
  const plays = window
    .slice(0, PLAY_WINDOW - hidden)
    .filter(({ playedAt }) => playedAt > (after ?? 0) && playedAt < (before ?? Number.POSITIVE_INFINITY))
    .slice(0, limit)
  const newest = plays[0]
  const oldest = plays.at(-1)
  const items = plays.map((play) => playObject(request, play))
  if (!newest || !oldest) return cursorPage(request, items, limit, null, null)
  const cursors = { after: String(newest.playedAt), before: String(oldest.playedAt) }
  const onward: Record<string, string> = after === undefined ? { before: cursors.before } : { after: cursors.after }
  const hasMore = plays.length === limit || (hidden > 0 && plays.length === PLAY_WINDOW - hidden)
  return cursorPage(request, items, limit, cursors, hasMore ? onward : null)
}

/** The play that has started and not ended; undefined if nothing is playing. */
function currentlyPlaying(request: ApiRequest): JsonObject | undefined {
  const { music, catalog, objects, origin, at } = request
  const play = music.plays(at, at + MAX_PLAY_LENGTH, PLAY_WINDOW).at(-1)
  if (!play) return undefined
  const progress = at - (play.playedAt - catalog.track(play.ref).durationMs)
  if (progress < 0) return undefined
  return {
    timestamp: at - progress,
    context: play.context && contextObject(origin, play.context),
    progress_ms: progress,
    item: objects.track(play.ref),
    currently_playing_type: 'track',
    actions: { disallows: { resuming: true } },
    is_playing: true,
  }
}

function top(request: ApiRequest, entries: number[], toJson: (index: number) => Json): JsonObject {
  return offsetPage(request, { total: entries.length, entries }, toJson)
}

export const listenerRoutes: readonly Route[] = [
  { path: /^\/me$/, respond: me },
  {
    path: /^\/me\/top\/tracks$/,
    scope: 'user-top-read',
    respond: (request) =>
      top(request, request.music.topTracks(readRange(request.query), request.at), request.objects.track),
  },
  {
    path: /^\/me\/top\/artists$/,
    scope: 'user-top-read',
    respond: (request) =>
      top(request, request.music.topArtists(readRange(request.query), request.at), request.objects.artist),
  },
  { path: /^\/me\/tracks$/, scope: 'user-library-read', respond: savedTracks },
  { path: /^\/me\/albums$/, scope: 'user-library-read', respond: savedAlbums },
  { path: /^\/me\/following$/, scope: 'user-follow-read', respond: following },
  { path: /^\/me\/player\/recently-played$/, scope: 'user-read-recently-played', respond: recentlyPlayed },
  { path: /^\/me\/player\/currently-playing$/, scope: 'user-read-currently-playing', respond: currentlyPlaying },
]
