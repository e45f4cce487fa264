import type { Json } from '#lib/core/table.ts'
import { apiError, HttpError, type JsonObject } from '#simulator/core/http.ts'

const DEFAULT_LIMIT = 20

/** @throws HttpError 400 if the parameter is not an integer from `min` to `max` */
function readInteger(query: URLSearchParams, name: string, fallback: number, min: number, max: number): number {
  const text = query.get(name)
  if (text === null) return fallback
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max) throw new HttpError(apiError(400, `Invalid ${name}`))
  return value
}

export function readLimit(query: URLSearchParams, max: number): number {
  return readInteger(query, 'limit', Math.min(DEFAULT_LIMIT, max), 1, max)
}

function address(origin: string, path: string, query: URLSearchParams, changes: Record<string, string>): string {
  const next = new URLSearchParams(query)
  for (const [name, value] of Object.entries(changes)) next.set(name, value)
  return `${origin}/v1${path}?${next}`
}

interface List<T> {
  /** What Spotify reports, which may be more than there are. */
  total: number
  entries: readonly T[]
}

/** One page of a list. Only its entries are turned into JSON. */
export function offsetPage<T>(
  { origin, path, query }: { origin: string; path: string; query: URLSearchParams },
  { total, entries }: List<T>,
  toJson: (entry: T) => Json,
  maxPerPage = 50,
): JsonObject {
  const limit = readLimit(query, maxPerPage)
  const offset = readInteger(query, 'offset', 0, 0, 100_000)
  const pageAt = (start: number) => address(origin, path, query, { offset: String(start), limit: String(limit) })
  return {
    href: pageAt(offset),
    items: entries.slice(offset, offset + limit).map(toJson),
    limit,
    next: offset + limit < total ? pageAt(offset + limit) : null,
    offset,
    previous: offset > 0 ? pageAt(Math.max(0, offset - limit)) : null,
    total,
  }
}

interface Cursors {
  after: string | null
  before?: string | null
}

/** One page of a list with cursors. @param next the query of the next page, null on the last one */
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
