import type { ImportRejection } from '#lib/api/lists.ts'
import { DAY } from '#lib/core/durations.ts'
import { toStorable } from '#lib/core/storable.ts'

/** Single values of an export, which can be of any type. */

export type Fields = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Longer than names are. */
const MAX_TEXT = 500
/** Those of local files hold three names. */
const MAX_URI = 1_000

/** A text with something in it that every store can hold, at most 500 characters; null for anything else. */
export function textOf(value: unknown): string | null {
  const text = typeof value === 'string' ? value.trim() : ''
  return text === '' ? null : toStorable(text.slice(0, MAX_TEXT))
}

const NUMBER = /^-?\d{1,15}(?:\.\d{1,20})?$/

/** A number, also one that is written as text, as converters do. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  return typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : null
}

/** A whole number that fits a column; "1,234" counts. */
export function wholeOf(value: unknown): number | null {
  const number = numberOf(typeof value === 'string' ? value.replaceAll(/(?<=\d),(?=\d{3}(?:\D|$))/g, '') : value)
  if (number === null) return null
  const whole = Math.round(number)
  return Math.abs(whole) < 2 ** 31 ? whole : null
}

/** Old extended histories have 0, 1, 0.0 and 1.0 for false and true. */
export function flagOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value
  if (value === 1 || value === '1' || value === 'true') return true
  return value === 0 || value === '0' || value === 'false' ? false : null
}

const URI = /^spotify:(?:track|episode|show|chapter|audiobook|local):\S+$/

/** A URI of something that can be played. Others, such as `spotify:user:…`, are dropped. */
export function uriOf(value: unknown): string | null {
  return typeof value === 'string' && value.length <= MAX_URI && URI.test(value) ? toStorable(value) : null
}

const TRACK = /^(?:spotify:track:|https:\/\/open\.spotify\.com\/(?:intl-\w+\/)?track\/)?([A-Za-z0-9]{22})(?:\?\S*)?$/

/** The URI of a track from its URI, link or id. */
export function trackUriOf(value: unknown): string | null {
  const id = typeof value === 'string' ? TRACK.exec(value.trim())?.[1] : undefined
  return id ? `spotify:track:${id}` : null
}

/**
 * How long something was played, in ms. Fractions are rounded.
 * @returns a text is the reason why it cannot be used
 */
export function lengthOf(value: unknown): number | ImportRejection {
  const ms = numberOf(value)
  if (ms === null) return 'no length'
  if (ms < 0) return 'negative length'
  return ms > DAY ? 'longer than a day' : Math.round(ms)
}
