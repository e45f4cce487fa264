import type { Json } from '#lib/core/table.ts'
import type { Catalogue } from '#simulator/catalogue/catalogue.ts'
import { apiError, HttpError } from '#simulator/core/http.ts'
import type { Music, Range } from '#simulator/music/music.ts'
import type { JsonObject } from '#simulator/core/http.ts'
import { isoSeconds } from '#simulator/api/playlist-objects.ts'

/** What tables should hold, in rows that compare easily; for tests. */

const MAX_ROWS = 1000

interface Query {
  query: URLSearchParams
  music: Music
  catalogue: Catalogue
  at: number
}

type Rows = (question: Query) => JsonObject[]

function trackRow(catalogue: Catalogue, ref: number): JsonObject {
  const id = catalogue.id('track', ref)
  return { track_id: id, uri: `spotify:track:${id}`, name: catalogue.track(ref).name }
}

const readRange = (query: URLSearchParams): Range => {
  const given = query.get('range')
  return given === 'short_term' || given === 'long_term' ? given : 'medium_term'
}

const SUBJECTS: Record<string, Rows> = {
  saved: ({ music, catalogue, at }) =>
    music.savedTracks(at).map(({ ref, addedAt }) => ({ ...trackRow(catalogue, ref), added_at: isoSeconds(addedAt) })),

  albums: ({ music, catalogue, at }) =>
    music
      .savedAlbums(at)
      .map(({ ref, addedAt }) => ({ album_id: catalogue.id('album', ref), added_at: isoSeconds(addedAt) })),

  following: ({ music, catalogue, at }) =>
    music.followed(at).map((ref) => ({ artist_id: catalogue.id('artist', ref), name: catalogue.nameOf(ref) })),

  'top-tracks': ({ music, catalogue, at, query }) =>
    music.topTracks(readRange(query), at).map((ref, place) => ({ rank: place + 1, ...trackRow(catalogue, ref) })),

  'top-artists': ({ music, catalogue, at, query }) =>
    music.topArtists(readRange(query), at).map((ref, place) => ({
      rank: place + 1,
      artist_id: catalogue.id('artist', ref),
      name: catalogue.nameOf(ref),
    })),

  /** All plays after `since` (a day ago if not given), oldest first; more than the API ever shows. */
  plays: ({ music, catalogue, at, query }) => {
    const since = Date.parse(query.get('since') ?? '') || at - 86_400_000
    return music
      .plays(since, at, Number.POSITIVE_INFINITY)
      .reverse()
      .map(({ ref, playedAt }) => ({ played_at: new Date(playedAt).toISOString(), ...trackRow(catalogue, ref) }))
  },

  playlists: ({ music, at }) =>
    music.playlists(at).flatMap((one) => (one ? [{ ...one, owner: one.owner.id, total: one.total }] : [])),

  'playlist-items': ({ music, catalogue, at, query }) =>
    music.entries(query.get('playlist') ?? '', at).map(({ what, ref, addedAt }, position) => ({
      position,
      what,
      ...(what === 'track' ? trackRow(catalogue, ref) : {}),
      added_at: addedAt === null ? null : isoSeconds(addedAt),
    })),
}

/** @returns one page of at most 1,000 rows; `offset` and `limit` are read from the query */
export function expectedRows(subject: string, question: Query): Json {
  const rows = SUBJECTS[subject]?.(question)
  if (!rows)
    throw new HttpError(apiError(404, `There is no truth called ${subject}. Known: ${Object.keys(SUBJECTS).join(', ')}`))
  const offset = Number(question.query.get('offset') ?? 0)
  const limit = Math.min(Number(question.query.get('limit') ?? MAX_ROWS), MAX_ROWS)
  const items = rows.slice(offset, offset + limit)
  return { total: rows.length, items, next: offset + items.length < rows.length ? offset + items.length : null }
}
