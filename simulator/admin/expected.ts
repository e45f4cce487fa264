import type { Json } from '#lib/core/table.ts'
import { isoSeconds } from '#simulator/api/playlist-objects.ts'
import type { Catalog } from '#simulator/catalog/catalog.ts'
import { apiError, HttpError, type JsonObject } from '#simulator/core/http.ts'
import type { Music, Range } from '#simulator/music/music.ts'

/** The rows that tables should hold, in a form that tests can compare. */

const MAX_ROWS = 1000

interface Params {
  query: URLSearchParams
  music: Music
  catalog: Catalog
  at: number
}

type Rows = (params: Params) => JsonObject[]

function trackRow(catalog: Catalog, ref: number): JsonObject {
  const id = catalog.id('track', ref)
  return { track_id: id, uri: `spotify:track:${id}`, name: catalog.track(ref).name }
}

function readRange(query: URLSearchParams): Range {
  const range = query.get('range')
  return range === 'short_term' || range === 'long_term' ? range : 'medium_term'
}

const SUBJECTS: Record<string, Rows> = {
  saved: ({ music, catalog, at }) =>
    music.savedTracks(at).map(({ ref, addedAt }) => ({ ...trackRow(catalog, ref), added_at: isoSeconds(addedAt) })),

  albums: ({ music, catalog, at }) =>
    music
      .savedAlbums(at)
      .map(({ ref, addedAt }) => ({ album_id: catalog.id('album', ref), added_at: isoSeconds(addedAt) })),

  following: ({ music, catalog, at }) =>
    music.followed(at).map((ref) => ({ artist_id: catalog.id('artist', ref), name: catalog.nameOf(ref) })),

  'top-tracks': ({ music, catalog, at, query }) =>
    music.topTracks(readRange(query), at).map((ref, nth) => ({ rank: nth + 1, ...trackRow(catalog, ref) })),

  'top-artists': ({ music, catalog, at, query }) =>
    music.topArtists(readRange(query), at).map((ref, nth) => ({
      rank: nth + 1,
      artist_id: catalog.id('artist', ref),
      name: catalog.nameOf(ref),
    })),

  /** All plays after `since` (by default a day ago), oldest first, without the API's limit of 50. */
  plays: ({ music, catalog, at, query }) => {
    const since = Date.parse(query.get('since') ?? '') || at - 86_400_000
    return music
      .plays(since, at, Number.POSITIVE_INFINITY)
      .reverse()
      .map(({ ref, playedAt }) => ({ played_at: new Date(playedAt).toISOString(), ...trackRow(catalog, ref) }))
  },

  playlists: ({ music, at }) =>
    music.playlists(at).flatMap((one) => (one ? [{ ...one, owner: one.owner.id, total: one.total }] : [])),

  'playlist-items': ({ music, catalog, at, query }) =>
    music.entries(query.get('playlist') ?? '', at).map(({ what, ref, addedAt }, position) => ({
      position,
      what,
      ...(what === 'track' ? trackRow(catalog, ref) : {}),
      added_at: addedAt === null ? null : isoSeconds(addedAt),
    })),
}

/** @returns a page of at most 1,000 rows, by the query's `offset` and `limit` */
export function expectedRows(subject: string, params: Params): Json {
  const rows = SUBJECTS[subject]?.(params)
  if (!rows) throw new HttpError(apiError(404, `${subject} is none of ${Object.keys(SUBJECTS).join(', ')}`))
  const offset = Number(params.query.get('offset') ?? 0)
  const limit = Math.min(Number(params.query.get('limit') ?? MAX_ROWS), MAX_ROWS)
  const items = rows.slice(offset, offset + limit)
  return { total: rows.length, items, next: offset + items.length < rows.length ? offset + items.length : null }
}
