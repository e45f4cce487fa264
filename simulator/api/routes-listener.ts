import { MINUTE } from '#lib/core/clock.ts'
import type { Json } from '#lib/core/table.ts'
import { apiError, HttpError } from '#simulator/core/http.ts'
import type { Play, Range } from '#simulator/music/music.ts'
import type { JsonObject } from '#simulator/core/http.ts'
import { cursorPage, offsetPage, readLimit } from './paging.ts'
import { hash, hashText } from '#simulator/core/random.ts'
import type { ApiRequest, Route } from './route.ts'
import { isoSeconds, userObject, contextObject } from './playlist-objects.ts'

/** Everything below /me except playlists. */

/** Spotify remembers no more plays than these, whatever is asked for. */
const PLAY_WINDOW = 50
const LONGEST_PLAY = 10 * MINUTE
const RANGES: readonly Range[] = ['short_term', 'medium_term', 'long_term']

function me({ origin, listener, objects: wire, catalogue }: ApiRequest): JsonObject {
  return {
    account_id: catalogue.id('user', hash(catalogue.seed, hashText(listener.id))),
    display_name: listener.displayName,
    ...userObject(origin, listener.id),
    images: listener.hasPicture ? wire.images('user', listener.id, [300, 64]) : [],
  }
}

function readRange(query: URLSearchParams): Range {
  const given = query.get('time_range') ?? 'medium_term'
  const range = RANGES.find((one) => one === given)
  if (!range) throw new HttpError(apiError(400, 'Invalid time range'))
  return range
}

function savedTracks(asked: ApiRequest): JsonObject {
  const saved = asked.music.savedTracks(asked.at)
  return offsetPage(asked, { total: saved.length + asked.music.phantoms, entries: saved }, ({ ref, addedAt }) => ({
    added_at: isoSeconds(addedAt),
    track: asked.objects.track(ref),
  }))
}

function savedAlbums(asked: ApiRequest): JsonObject {
  const saved = asked.music.savedAlbums(asked.at)
  return offsetPage(asked, { total: saved.length, entries: saved }, ({ ref, addedAt }) => ({
    added_at: isoSeconds(addedAt),
    album: asked.objects.album(ref),
  }))
}

/** Sorted by id, so that a cursor keeps its place when somebody is followed or let go meanwhile. */
function following(asked: ApiRequest): JsonObject {
  const { query, objects: wire, music, at } = asked
  if (query.get('type') !== 'artist') throw new HttpError(apiError(400, 'Unsupported type'))
  const limit = readLimit(query, 50)
  const after = query.get('after') ?? ''
  const all = music.followed(at).map((index) => ({ index, id: wire.id('artist', index) }))
  const rest = all.filter(({ id }) => id > after).sort((a, b) => (a.id < b.id ? -1 : 1))
  const page = rest.slice(0, limit)
  const last = rest.length > limit ? (page.at(-1)?.id ?? null) : null
  const items = page.map(({ index }) => wire.artist(index))
  return {
    artists: { ...cursorPage(asked, items, limit, { after: last }, last ? { after: last } : null), total: all.length },
  }
}

function playObject({ objects: wire, origin }: ApiRequest, { ref, playedAt, context }: Play): Json {
  return {
    track: wire.track(ref),
    played_at: new Date(playedAt).toISOString(),
    context: context && contextObject(origin, context),
  }
}

function readCursor(query: URLSearchParams, name: 'after' | 'before'): number | undefined {
  const given = query.get(name)
  if (given === null) return undefined
  if (!/^\d{1,16}$/.test(given)) throw new HttpError(apiError(400, `Invalid ${name}`))
  return Number(given)
}

function recentlyPlayed(asked: ApiRequest): JsonObject {
  const { query, music, at } = asked
  const limit = readLimit(query, PLAY_WINDOW)
  const after = readCursor(query, 'after')
  const before = readCursor(query, 'before')
  if (after !== undefined && before !== undefined) throw new HttpError(apiError(400, 'Only one of after and before'))
  const plays = music
    .plays(0, at, PLAY_WINDOW)
    .filter(({ playedAt }) => playedAt > (after ?? 0) && playedAt < (before ?? Number.POSITIVE_INFINITY))
    .slice(0, limit)
  const newest = plays[0]
  const oldest = plays.at(-1)
  const items = plays.map((play) => playObject(asked, play))
  if (!newest || !oldest) return cursorPage(asked, items, limit, null, null)
  const cursors = { after: String(newest.playedAt), before: String(oldest.playedAt) }
  const onward: Record<string, string> = after === undefined ? { before: cursors.before } : { after: cursors.after }
  return cursorPage(asked, items, limit, cursors, plays.length === limit ? onward : null)
}

/** The play that has begun and not ended; nothing when there is silence. */
function currentlyPlaying(asked: ApiRequest): JsonObject | undefined {
  const { music, catalogue, objects: wire, origin, at } = asked
  const play = music.plays(at, at + LONGEST_PLAY, PLAY_WINDOW).at(-1)
  if (!play) return undefined
  const progress = at - (play.playedAt - catalogue.track(play.ref).durationMs)
  if (progress < 0) return undefined
  return {
    timestamp: at - progress,
    context: play.context && contextObject(origin, play.context),
    progress_ms: progress,
    item: wire.track(play.ref),
    currently_playing_type: 'track',
    actions: { disallows: { resuming: true } },
    is_playing: true,
  }
}

function top(asked: ApiRequest, entries: number[], word: (index: number) => Json): JsonObject {
  return offsetPage(asked, { total: entries.length, entries }, word)
}

export const listenerRoutes: readonly Route[] = [
  { path: /^\/me$/, respond: me },
  {
    path: /^\/me\/top\/tracks$/,
    scope: 'user-top-read',
    respond: (asked) => top(asked, asked.music.topTracks(readRange(asked.query), asked.at), asked.objects.track),
  },
  {
    path: /^\/me\/top\/artists$/,
    scope: 'user-top-read',
    respond: (asked) => top(asked, asked.music.topArtists(readRange(asked.query), asked.at), asked.objects.artist),
  },
  { path: /^\/me\/tracks$/, scope: 'user-library-read', respond: savedTracks },
  { path: /^\/me\/albums$/, scope: 'user-library-read', respond: savedAlbums },
  { path: /^\/me\/following$/, scope: 'user-follow-read', respond: following },
  { path: /^\/me\/player\/recently-played$/, scope: 'user-read-recently-played', respond: recentlyPlayed },
  { path: /^\/me\/player\/currently-playing$/, scope: 'user-read-currently-playing', respond: currentlyPlaying },
]
