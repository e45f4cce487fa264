import { isSafeLink } from '#lib/core/links.ts'
import { toStorable } from '#lib/core/storable.ts'

/**
 * Longer texts are truncated. The longest that people write, copyright notices and playlist descriptions, stay below
 * 2,000 characters. A Postgres index holds 2,704 bytes, so ids have their own limit (objects.ts).
 */
const MAX_TEXT_LENGTH = 10_000
/** Responses nest up to 8 levels. Deeper values become null, because all code that walks a value recurses. */
const MAX_DEPTH = 32

/** The names under which Spotify sends links; all names inside `external_urls` count too. */
const LINK = /^(url|href|.+_(url|href))$/

/**
 * Parses a response into values that are safe for every store and page. The landed text stays as Spotify sent it, so
 * reading it again gives the same result:
 * - U+0000 and halves of surrogate pairs become U+FFFD; longer texts are cut.
 * - Numbers beyond the range of a double and values that are nested too deeply become null.
 * - A link that is not https becomes null (`isSafeLink`).
 * @param apiUrl root with /v1
 * @throws SyntaxError
 */
export function parseResponse(text: string, apiUrl: string): unknown {
  return clean(JSON.parse(text), (link) => isSafeLink(link, apiUrl), '', 0)
}

function clean(value: unknown, isAllowed: (link: string) => boolean, name: string, depth: number): unknown {
  if (typeof value === 'string') {
    if (LINK.test(name)) return isAllowed(value) ? toStorable(value) : null
    return toStorable(value.length > MAX_TEXT_LENGTH ? value.slice(0, MAX_TEXT_LENGTH) : value)
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'object' || value === null) return value
  if (depth === MAX_DEPTH) return null
  if (Array.isArray(value)) return value.map((entry) => clean(entry, isAllowed, name, depth + 1))
  const entries = Object.entries(value)
    // It would become the prototype of the object that the entries are assigned to.
    .filter(([key]) => key !== '__proto__')
    .map(([key, inner]) => {
      const innerName = name === 'external_urls' || LINK.test(name) ? 'url' : key
      return [toStorable(key.slice(0, MAX_TEXT_LENGTH)), clean(inner, isAllowed, innerName, depth + 1)] as const
    })
  return Object.fromEntries(entries)
}
