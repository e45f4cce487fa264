/**
 * Text that every store can hold. Postgres accepts no U+0000 in text and jsonb, and no half of a surrogate pair in jsonb
 * (https://www.postgresql.org/docs/current/datatype-json.html); such a half has no UTF-8 form either.
 */

/** U+FFFD, Unicode's replacement character. */
const REPLACEMENT = '\ufffd'

/** Whether a store can hold the text as it is. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** The text with U+FFFD in place of every character that a store cannot hold. */
export function toStorable(text: string): string {
  return isStorable(text) ? text : text.toWellFormed().replaceAll('\0', REPLACEMENT)
}

// An escape sequence of JSON; a surrogate pair counts as one.
const ESCAPE = /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[\da-fA-F]{4}|.)/gs
const UNSTORABLE_ESCAPE = /^\\u(?:0000|[dD][89a-fA-F][\da-fA-F]{2})$/

/** As `toStorable` for a JSON document, in which these characters are written as escape sequences. */
export function toStorableJson(json: string): string {
  if (!/\\u(?:0000|[dD][89a-fA-F])/.test(json)) return json
  return json.replace(ESCAPE, (sequence) => (UNSTORABLE_ESCAPE.test(sequence) ? REPLACEMENT : sequence))
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what nobody types
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/
const MAX_DEPTH = 20

/**
 * Finds a value that nobody means to send and no store can hold: control characters other than tabs and line breaks,
 * halves of surrogate pairs, or too deep nesting.
 * @returns the path of the first such value, or null
 */
export function oddPlace(value: unknown, path: string[] = []): string[] | null {
  if (typeof value === 'string') return CONTROL.test(value) || !value.isWellFormed() ? path : null
  if (typeof value !== 'object' || value === null) return null
  if (path.length === MAX_DEPTH) return path
  for (const [name, inner] of Object.entries(value)) {
    const place = oddPlace(name, path) ?? oddPlace(inner, [...path, toStorable(name)])
    if (place) return place
  }
  return null
}
