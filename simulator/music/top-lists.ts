import type { Catalog } from '#simulator/catalog/catalog.ts'
import { BoundedMap } from '#simulator/core/bounded-map.ts'
import type { Play, Range } from './music.ts'
import { dayOf } from './taste.ts'

/**
 * Rankings of the plays up to the last midnight, since Spotify computes them about once a day. Recent plays weigh more, so
 * that a song moves gradually instead of jumping when an old day leaves the range.
 */

const DAYS: Record<Range, number> = { short_term: 28, medium_term: 182, long_term: 365 }
const LENGTH = 50
/** Three ranges of tracks and artists for about 40 days. */
const MAX_CACHED_LISTS = 256

export function createTopLists(catalog: Catalog, onDay: (day: number) => Play[]) {
  const lists = new BoundedMap<string, number[]>(MAX_CACHED_LISTS)

  function rank(range: Range, day: number, keyOf: (ref: number) => number): number[] {
    const scores = new Map<number, number>()
    for (let age = DAYS[range]; age >= 1; age--) {
      const weight = 0.5 ** (age / DAYS[range])
      for (const { ref } of onDay(day - age)) {
        const key = keyOf(ref)
        scores.set(key, (scores.get(key) ?? 0) + weight)
      }
    }
    return [...scores]
      .sort(([a, x], [b, y]) => y - x || a - b)
      .slice(0, LENGTH)
      .map(([key]) => key)
  }

  return {
    topTracks(range: Range, at: number): number[] {
      const day = dayOf(at)
      return lists.getOrMake(`tracks ${range} ${day}`, () => rank(range, day, (ref) => ref))
    },
    topArtists(range: Range, at: number): number[] {
      const day = dayOf(at)
      return lists.getOrMake(`artists ${range} ${day}`, () => rank(range, day, catalog.artistOfTrack))
    },
  }
}
