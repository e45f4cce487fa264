import { DAY } from '#lib/core/clock.ts'
import { ARTISTS, type Catalog } from '#simulator/catalog/catalog.ts'
import { chance, type Draw, hash } from '#simulator/core/random.ts'

/**
 * What a listener likes, week by week: a few artists from the start, new ones now and then that are played a lot at
 * first, phases of more and less interest, and songs on repeat.
 */

export interface Habits {
  /** First day of the history, in days since 1970. */
  firstDay: number
  playsPerDay: number
  initialArtists: number
  daysPerDiscovery: number
  /** Artists from the start are played less as years go by, too. */
  outgrows?: true
}

const WEEK_DAYS = 7
/** A song stays on repeat at most this many weeks. */
const REPEAT_WEEKS = 12
const SHARE_ON_REPEAT = 0.36

const ORDER = 21
const CHARM = 22
const PHASE = 23
const REPEAT = 24

interface Weighted {
  refs: number[]
  /** Running sums of the weights, for binary search. */
  sums: Float32Array
}

export type Taste = ReturnType<typeof createTaste>

export function dayOf(instant: number): number {
  return Math.floor(instant / DAY)
}

function weighted(refs: number[], weight: (ref: number, place: number) => number): Weighted {
  const sums = new Float32Array(refs.length)
  let sum = 0
  refs.forEach((ref, place) => {
    sum += weight(ref, place)
    sums[place] = sum
  })
  return { refs, sums }
}

function drawFrom({ refs, sums }: Weighted, draw: Draw): number | undefined {
  const target = draw() * (sums[sums.length - 1] ?? 0)
  let low = 0
  let high = sums.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sums[middle] ?? 0) > target) high = middle
    else low = middle + 1
  }
  return refs[low]
}

/** @param key a hash of the seed and the listener */
export function createTaste(catalog: Catalog, key: number, habits: Habits) {
  // Bounded: one entry per week since the first day.
  const artistsByWeek = new Map<number, Weighted>()
  const repeatsByWeek = new Map<number, Weighted>()

  // Each listener discovers the artists in a different order: by fixed steps through a prime number of them.
  const step = 1 + (hash(key, ORDER, 1) % (ARTISTS - 1))
  const start = hash(key, ORDER, 2) % ARTISTS
  const nthArtist = (n: number) => (start + n * step) % ARTISTS

  function discoveredOn(n: number): number {
    if (n < habits.initialArtists) return habits.firstDay
    return habits.firstDay + Math.floor((n - habits.initialArtists) * habits.daysPerDiscovery)
  }

  function knownOn(day: number): number {
    const discoveries = Math.floor((day - habits.firstDay) / habits.daysPerDiscovery)
    return Math.min(ARTISTS, habits.initialArtists + Math.max(0, discoveries) + 1)
  }

  /** How much the n-th artist is played on a day: charm (heavy-tailed) × novelty × fading × phase. */
  function weightOf(n: number, day: number): number {
    const age = Math.max(0, day - discoveredOn(n))
    const old = n < habits.initialArtists
    const charm = Math.min(30, (1 - chance(key, CHARM, n)) ** -0.85)
    const novelty = old ? 1 : 1 + 5 * Math.exp(-age / 24)
    const ofOld = habits.outgrows ? 0.25 + 0.75 * Math.exp(-age / 1200) : 1
    const fading = old ? ofOld : 0.2 + 0.8 * Math.exp(-age / 420)
    const period = 50 + 320 * chance(key, PHASE, n, 1)
    const phase = Math.exp(1.25 * Math.sin(2 * Math.PI * (day / period + chance(key, PHASE, n, 2))))
    return charm * novelty * fading * phase
  }

  function artistsIn(week: number): Weighted {
    const known = artistsByWeek.get(week)
    if (known) return known
    const day = week * WEEK_DAYS
    const met = Array.from({ length: knownOn(day) }, (_, n) => nthArtist(n))
    const made = weighted(met, (_, n) => weightOf(n, day))
    artistsByWeek.set(week, made)
    return made
  }

  function weekOf(day: number): number {
    return Math.max(Math.floor(day / WEEK_DAYS), Math.floor(habits.firstDay / WEEK_DAYS))
  }

  function artist(day: number, draw: Draw): number {
    return drawFrom(artistsIn(weekOf(day)), draw) ?? start
  }

  /** The listener's n-th favorite among an artist's tracks. */
  function favorite(artist: number, n: number): number {
    return catalog.trackOf(artist, n + (hash(key, ORDER, artist, 3) >>> 1))
  }

  /** A track of the artist, usually one of the listener's few favorites. */
  function trackOf(artist: number, draw: Draw): number {
    return favorite(artist, Math.floor(catalog.trackCount(artist) * draw() ** 2.6))
  }

  /** Songs on repeat, from this week and the last ones. Each rises for two weeks and then fades at its own pace. */
  function repeatsIn(week: number): Weighted {
    const known = repeatsByWeek.get(week)
    if (known) return known
    const born = Array.from({ length: REPEAT_WEEKS }, (_, age) => age).flatMap((age) =>
      Array.from({ length: 1 + (hash(key, REPEAT, week - age) % 3) }, (_, nth) => ({ age, nth })),
    )
    const tracks = born.map(({ age, nth }) => {
      let drawn = 0
      const draw = () => chance(key, REPEAT, week - age, 10 + nth * 8 + drawn++)
      return trackOf(artist((week - age) * WEEK_DAYS, draw), draw)
    })
    const made = weighted(tracks, (_, place) => {
      const { age, nth } = born[place] ?? { age: 0, nth: 0 }
      const pace = 1 + 4 * chance(key, REPEAT, week - age, 4 + nth)
      return ((age + 0.6) / pace) * Math.exp(1 - (age + 0.6) / pace)
    })
    repeatsByWeek.set(week, made)
    return made
  }

  return {
    habits,
    key,
    artist,
    favorite,
    /** A track that the listener likes on a day. */
    track(day: number, draw: Draw): number {
      const onRepeat = draw() < SHARE_ON_REPEAT ? drawFrom(repeatsIn(weekOf(day)), draw) : undefined
      return onRepeat ?? trackOf(artist(day, draw), draw)
    },
  }
}
