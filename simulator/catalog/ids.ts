import { hash } from '#simulator/core/random.ts'

/**
 * Spotify ids are 22 base-62 characters. In ours, the last six are the scrambled index of the thing and the first sixteen
 * are a hash of it. So an id can be decoded without a table, and a made-up id is rejected.
 */

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const HASH_LENGTH = 16
const NUMBER_LENGTH = 6

// An odd multiplier and its inverse modulo 2^32.
const SCRAMBLE = 0x9e3779b1
const UNSCRAMBLE = 0x0e8b2f51

const KINDS = { artist: 1, album: 2, track: 3, playlist: 4, episode: 5, show: 6, user: 7 }
export type Kind = keyof typeof KINDS

function base62(value: number, length: number): string {
  let text = ''
  for (let rest = value, i = 0; i < length; i++) {
    text = DIGITS.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  }
  return text
}

/** The id of the `index`-th thing of its kind; `index` is below 2^32. */
export function idOf(seed: number, kind: Kind, index: number): string {
  const code = KINDS[kind]
  const first = base62(hash(seed, code, index, 1), 6).slice(1)
  const second = base62(hash(seed, code, index, 2), 6).slice(1)
  const third = base62(hash(seed, code, index, 3), 6)
  return first + second + third + base62(Math.imul(index ^ hash(seed, code), SCRAMBLE) >>> 0, NUMBER_LENGTH)
}

/** The index in an id, or undefined if the id is not one of this seed and kind. */
export function indexOf(seed: number, kind: Kind, id: string): number | undefined {
  let scrambled = 0
  for (const digit of id.slice(HASH_LENGTH)) scrambled = scrambled * 62 + DIGITS.indexOf(digit)
  const index = (Math.imul(scrambled, UNSCRAMBLE) ^ hash(seed, KINDS[kind])) >>> 0
  return idOf(seed, kind, index) === id ? index : undefined
}
