/**
 * Repeatable randomness. Everything invented is drawn from a hash of its coordinates (seed, listener, day, position), so
 * no response depends on earlier ones.
 */

/** A 32-bit hash of the numbers. A change in any of them changes all bits. */
export function hash(a: number, b = 0, c = 0, d = 0): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b)
  h = Math.imul((h ^ (h >>> 13)) + b, 0xc2b2ae35)
  h = Math.imul((h ^ (h >>> 16)) + c, 0x27d4eb2f)
  h = Math.imul((h ^ (h >>> 15)) + d, 0x165667b1)
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d)
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b)
  return (h ^ (h >>> 16)) >>> 0
}

/** The same for text (FNV-1a, then mixed). */
export function hashText(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return hash(h)
}

/** A hash as a number in [0, 1). */
export function chance(a: number, b = 0, c = 0, d = 0): number {
  return hash(a, b, c, d) / 2 ** 32
}

/** Each call draws the next number in [0, 1). */
export type Draw = () => number

/** An endless sequence of draws determined by `seed` (mulberry32). */
export function draws(seed: number): Draw {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The entry at `n` (an integer ≥ 0) modulo the length. */
export function pick<T>(list: readonly T[], n: number): T {
  const entry = list[n % list.length]
  if (entry === undefined) throw new RangeError('Nothing to pick from an empty list')
  return entry
}
