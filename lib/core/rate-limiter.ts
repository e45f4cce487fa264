import { LRUCache } from 'lru-cache'
import { MINUTE } from './durations.ts'

/** How much of something one caller may have. */
export interface Limit {
  /** The sustained rate, and the burst after a pause. */
  perMinute: number
  /** Running at the same time. */
  atOnce: number
}

/** Beyond this many callers, the least recently seen are forgotten. */
const MAX_CALLERS = 10_000

/** A token bucket and a count of running calls per caller, in this process only. */
export class RateLimiter {
  readonly #limit: Limit
  readonly #now: () => number
  readonly #buckets = new LRUCache<string, { tokens: number; at: number }>({ max: MAX_CALLERS })
  readonly #running = new Map<string, number>()

  /** @param now in ms */
  constructor(limit: Limit, now: () => number = () => performance.now()) {
    this.#limit = limit
    this.#now = now
  }

  /**
   * Counts a call that starts now.
   * @returns a function to call when it ends, or the ms to wait before trying again
   */
  start(caller: string): (() => void) | number {
    const { perMinute, atOnce } = this.#limit
    const running = this.#running.get(caller) ?? 0
    if (running >= atOnce) return 1000
    const at = this.#now()
    const bucket = this.#buckets.get(caller) ?? { tokens: perMinute, at }
    const tokens = Math.min(perMinute, bucket.tokens + ((at - bucket.at) * perMinute) / MINUTE)
    if (tokens < 1) return ((1 - tokens) * MINUTE) / perMinute
    this.#buckets.set(caller, { tokens: tokens - 1, at })
    this.#running.set(caller, running + 1)
    return () => {
      const left = (this.#running.get(caller) ?? 0) - 1
      if (left > 0) this.#running.set(caller, left)
      else this.#running.delete(caller)
    }
  }
}
