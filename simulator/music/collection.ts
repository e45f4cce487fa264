import { DAY, HOUR } from '#lib/core/clock.ts'
import type { SavedItem } from './music.ts'
import { type Draw, draws, hash } from '#simulator/core/random.ts'
import { dayOf } from './taste.ts'

/** A collection that grows by a few entries a day and loses one now and then: saved tracks, saved albums, follows. */
export interface Growth {
  /** Tells collections of one listener apart. */
  key: number
  firstDay: number
  /** What was there from the start. */
  initialCount: number
  perDay(daysSinceStart: number): number
  /** The share of entries that are removed again, between 20 and 900 days later. */
  removedShare: number
  pick(day: number, draw: Draw): number
}

const MAX_TRIES = 8

interface Lifetime extends SavedItem {
  removedAt: number
}

/** @returns what the collection holds at an instant, newest first */
export function createCollection(growth: Growth): (at: number) => SavedItem[] {
  const { key, firstDay } = growth
  // In the order of adding. Grows with the history; a listener of ten years has some ten thousand entries.
  const lifetimes: Lifetime[] = []
  const taken = new Set<number>()
  let nextDay = firstDay

  function add(day: number, draw: Draw): void {
    let ref = growth.pick(day, draw)
    for (let tries = 0; taken.has(ref) && tries < MAX_TRIES; tries++) ref = growth.pick(day, draw)
    if (taken.has(ref)) return
    taken.add(ref)
    // Whole seconds, as Spotify gives them.
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
      const wanted = count + (nextDay === firstDay ? growth.initialCount : 0)
      for (let i = 0; i < wanted; i++) add(nextDay, draw)
      // Only within the day: everything before it is older.
      const today = lifetimes.splice(before).sort((a, b) => a.addedAt - b.addedAt)
      lifetimes.push(...today)
    }
  }

  return (at) => {
    growTo(dayOf(at))
    const held: SavedItem[] = []
    for (let i = lifetimes.length - 1; i >= 0; i--) {
      const one = lifetimes[i]
      if (one && one.addedAt <= at && one.removedAt > at) held.push(one)
    }
    return held
  }
}
