import { DAY, HOUR } from '#lib/core/clock.ts'
import { type Draw, draws, hash } from '#simulator/core/random.ts'
import type { SavedItem } from './music.ts'
import { dayOf } from './taste.ts'

/** Saved tracks, saved albums or follows: a collection that grows every day and sometimes loses an entry. */
export interface Growth {
  /** Distinguishes the collections of a listener. */
  key: number
  firstDay: number
  initialCount: number
  perDay(daysSinceStart: number): number
  /** The share of entries that are removed again, 20 to 900 days later. */
  removedShare: number
  pick(day: number, draw: Draw): number
}

const MAX_TRIES = 8

interface Lifetime extends SavedItem {
  removedAt: number
}

/** @returns what the collection contains at an instant, newest first */
export function createCollection(growth: Growth): (at: number) => SavedItem[] {
  const { key, firstDay } = growth
  // In the order they were added. A listener of ten years has about ten thousand.
  const lifetimes: Lifetime[] = []
  const taken = new Set<number>()
  let nextDay = firstDay

  function add(day: number, draw: Draw): void {
    let ref = growth.pick(day, draw)
    for (let tries = 0; taken.has(ref) && tries < MAX_TRIES; tries++) ref = growth.pick(day, draw)
    if (taken.has(ref)) return
    taken.add(ref)
    // Whole seconds, like Spotify's.
    const addedAt = day * DAY + 6 * HOUR + Math.floor(draw() * 16 * 3600) * 1000
    const removedAt =
      draw() < growth.removedShare ? addedAt + Math.floor((20 + 880 * draw()) * DAY) : Number.POSITIVE_INFINITY
    lifetimes.push({ ref, addedAt, removedAt })
  }

  function growTo(day: number): void {
    for (; nextDay <= day; nextDay++) {
      const draw = draws(hash(key, nextDay))
      const before = lifetimes.length
      const count = Math.floor(growth.perDay(nextDay - firstDay) * 2 * draw() + draw())
      const total = count + (nextDay === firstDay ? growth.initialCount : 0)
      for (let i = 0; i < total; i++) add(nextDay, draw)
      // Earlier days are sorted already.
      const today = lifetimes.splice(before).sort((a, b) => a.addedAt - b.addedAt)
      lifetimes.push(...today)
    }
  }

  return (at) => {
    growTo(dayOf(at))
    const items: SavedItem[] = []
    for (let i = lifetimes.length - 1; i >= 0; i--) {
      const one = lifetimes[i]
      if (one && one.addedAt <= at && one.removedAt > at) items.push(one)
    }
    return items
  }
}
