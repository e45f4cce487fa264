import { chance, hash, pick } from '#simulator/core/random.ts'
import {
  ADJECTIVES,
  DAYS,
  FIRST_NAMES,
  GROUPS,
  MOMENTS,
  MONTHS,
  NOUNS,
  NUMBERS,
  PASTIMES,
  PLACES,
  SURNAMES,
  VERBS,
} from './word-lists.ts'

/** Names of invented artists, albums and tracks. `key` is a hash of what is named. */

type Pattern = (word: (list: readonly string[], nth: number) => string) => string

function nameFrom(patterns: readonly Pattern[], key: number): string {
  const pattern = pick(patterns, hash(key, 1))
  return pattern((list, nth) => pick(list, hash(key, 2, nth)))
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`
  return /(s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`
}

function withArticle(noun: string): string {
  return /^([AEIOU]|Hour)/.test(noun) ? `an ${noun}` : `a ${noun}`
}

const ARTISTS: readonly Pattern[] = [
  (word) => `The ${word(ADJECTIVES, 1)} ${plural(word(NOUNS, 2))}`,
  (word) => `${word(ADJECTIVES, 1)} ${word(NOUNS, 2)}`,
  (word) => `${word(NOUNS, 1)} ${word(GROUPS, 2)}`,
  (word) => `${word(ADJECTIVES, 1)} ${word(NOUNS, 2)} ${word(GROUPS, 3)}`,
  (word) => `${word(FIRST_NAMES, 1)} ${word(SURNAMES, 2)}`,
  (word) => `${word(FIRST_NAMES, 1)} ${word(SURNAMES, 2)}`,
  (word) => `${word(FIRST_NAMES, 1)} & the ${plural(word(NOUNS, 3))}`,
  (word) => `${word(NOUNS, 1)} over ${word(PLACES, 2)}`,
  (word) => `${word(PLACES, 1)} ${word(GROUPS, 2)}`,
  (word) => `DJ ${word(ADJECTIVES, 1)} ${word(NOUNS, 2)}`,
  (word) => `${word(NUMBERS, 1)} ${plural(word(NOUNS, 2))}`,
  (word) => `${word(SURNAMES, 1)} ${word(GROUPS, 2)}`,
]

const TRACKS: readonly Pattern[] = [
  (word) => `${word(ADJECTIVES, 1)} ${word(NOUNS, 2)}`,
  (word) => `${word(PASTIMES, 1)} for ${word(MOMENTS, 2)}`,
  (word) => `${word(VERBS, 1)} the ${word(NOUNS, 2)}`,
  (word) => `${word(NOUNS, 1)} in ${word(MONTHS, 2)}`,
  (word) => word(NOUNS, 1),
  (word) => `${word(PLACES, 1)}, ${word(MONTHS, 2)}`,
  (word) => `${word(NOUNS, 1)} and ${word(NOUNS, 2)}`,
  (word) => `Letter from ${word(PLACES, 1)}`,
  (word) => `${word(DAYS, 1)} Is ${withArticle(word(NOUNS, 2))}`,
  (word) => `Don’t Wake the ${word(NOUNS, 1)}`,
  (word) => `All My ${word(ADJECTIVES, 1)} ${plural(word(NOUNS, 2))}`,
  (word) => `${word(FIRST_NAMES, 1)}’s ${word(NOUNS, 2)}`,
  (word) => `${word(NUMBERS, 1)} ${plural(word(NOUNS, 2))}`,
  (word) => `No ${plural(word(NOUNS, 1))} in ${word(MONTHS, 2)}`,
  (word) => `${word(ADJECTIVES, 1)} Night in ${word(PLACES, 2)}`,
  (word) => `Half Past ${word(NUMBERS, 1)} in ${word(PLACES, 2)}`,
  (word) => `${word(NOUNS, 1)} Weather, ${word(DAYS, 2)}`,
  (word) => `When the ${plural(word(NOUNS, 1))} Come to ${word(PLACES, 2)}`,
  (word) => `Last ${word(NOUNS, 1)} to ${word(PLACES, 2)}`,
]

const ALBUMS: readonly Pattern[] = [
  (word) => `${word(ADJECTIVES, 1)} ${word(MOMENTS, 2)}`,
  (word) => `The ${word(NOUNS, 1)} Tapes`,
  (word) => `${word(VERBS, 1)} ${plural(word(NOUNS, 2))}`,
  (word) => `The ${word(PLACES, 1)} Sessions`,
  (word) => `${capital(withArticle(word(NOUNS, 1)))} for ${word(PLACES, 2)}`,
  (word) => `${word(NOUNS, 1)} / ${word(NOUNS, 2)}`,
  (word) => `Songs from the ${word(NOUNS, 1)}`,
  (word) => `Letters to ${word(FIRST_NAMES, 1)}`,
  (word) => `${word(NUMBERS, 1)} ${plural(word(NOUNS, 2))}`,
  (word) => `Live in ${word(PLACES, 1)}`,
  (word) => `${word(ADJECTIVES, 1)} & ${word(ADJECTIVES, 2)}`,
  (word) => `${word(DAYS, 1)}, ${word(ADJECTIVES, 2)}`,
]

export function artistName(key: number): string {
  return nameFrom(ARTISTS, key)
}

export function albumName(key: number): string {
  return nameFrom(ALBUMS, key)
}

/** One in fourteen has a suffix, like real track names. */
export function trackName(key: number): string {
  const name = nameFrom(TRACKS, key)
  const suffixes = [' (Live)', ' - Remastered', ' (Acoustic)', ' - Radio Edit', ' (Interlude)']
  return chance(key, 3) < 0.07 ? name + pick(suffixes, hash(key, 4)) : name
}
