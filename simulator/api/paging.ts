import type { Json } from '#lib/core/table.ts'
import { apiError, HttpError } from '#simulator/core/http.ts'
import type { JsonObject } from '#simulator/core/http.ts'

const DEFAULT_LIMIT = 20

/** A number from the query; anything else than an integer within the bounds ends the request with 400. */
function readInteger(query: URLSearchParams, name: string, fallback: number, least: number, most: number): number {
  const given = query.get(name)
  if (given === null) return fallback
  const value = Number(given)
  if (!/^\d+$/.test(given) || value < least || value > most) throw new HttpError(apiError(400, `Invalid ${name}`))
  return value
}

export function readLimit(query: URLSearchParams, most: number): number {
  return readInteger(query, 'limit', Math.min(DEFAULT_LIMIT, most), 1, most)
}

function address(origin: string, path: string, query: URLSearchParams, changes: Record<string, string>): string {
  const next = new URLSearchParams(query)
  for (const [name, value] of Object.entries(changes)) next.set(name, value)
  return `${origin}/v1${path}?${next}`
}

interface List<T> {
  /** What the list claims to hold. */
  total: number
  entries: readonly T[]
}

/** One page of a list, worded as Spotify does; only the entries of the page are worded. */
export function offsetPage<T>(
  { origin, path, query }: { origin: string; path: string; query: URLSearchParams },
  { total, entries }: List<T>,
  word: (entry: T) => Json,
  mostPerPage = 50,
): JsonObject {
  const limit = readLimit(query, mostPerPage)
  const offset = readInteger(query, 'offset', 0, 0, 100_000)
  const at = (place: number) => address(origin, path, query, { offset: String(place), limit: String(limit) })
  return {
    href: at(offset),
    items: entries.slice(offset, offset + limit).map(word),
    limit,
    next: offset + limit < total ? at(offset + limit) : null,
    offset,
    previous: offset > 0 ? at(Math.max(0, offset - limit)) : null,
    total,
  }
}

interface Cursors {
  after: string | null
  before?: string | null
}

/** One page of a list that goes on from a cursor; `next` says how the following page is asked for, null at the end. */
export function cursorPage(
  { origin, path, query }: { origin: string; path: string; query: URLSearchParams },
  items: Json[],
  limit: number,
  cursors: Cursors | null,
  next: Record<string, string> | null,
): JsonObject {
  const bare = new URLSearchParams(query)
  bare.delete('after')
  bare.delete('before')
  const withLimit = { limit: String(limit) }
  return {
    items,
    next: next ? address(origin, path, bare, { ...next, ...withLimit }) : null,
    cursors: cursors && { ...cursors },
    limit,
    href: address(origin, path, query, withLimit),
  }
}
