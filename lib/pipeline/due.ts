import { Cron } from 'croner'
import { MINUTE } from '../clock.ts'
import type { StreamGroup } from '../streams/stream.ts'

/** When a group of streams is asked by itself, in the listener's zone. */
interface Plan {
  /** As the settings page says it. */
  words: string
  /** Cron patterns; the next time is the earliest of theirs. */
  patterns(minute: number): string[]
}

const DAILY: Plan = { words: 'daily, around 5:00', patterns: (minute) => [`${minute} 5 * * *`] }

export const PLANS: Record<StreamGroup, Plan> = {
  'recently played': {
    words: 'every 30 minutes from 6:00 to midnight, every 2 hours at night',
    patterns: (minute) => [`${minute % 30},${(minute % 30) + 30} 6-23 * * *`, `${minute % 30} 0-5/2 * * *`],
  },
  'top lists': DAILY,
  playlists: DAILY,
  library: DAILY,
  charts: DAILY,
}

/** A look with so many new plays is followed by the next one soon: Spotify forgets all but 50. */
export const BUSY_PLAYS = 30
export const BUSY_AFTER_MS = 10 * MINUTE

/**
 * When a group is due next.
 * @param spread any number that stays the same for a listener: it spreads the listeners over the half hour
 */
export function nextDue(
  group: StreamGroup,
  { zone, spread, after }: { zone: string; spread: number; after: Date },
): Date {
  const times = PLANS[group].patterns(Math.abs(spread) % 60).flatMap((pattern) => {
    const next = new Cron(pattern, { timezone: zone, paused: true }).nextRun(after)
    return next ? [next.getTime()] : []
  })
  return new Date(Math.min(...times))
}

/** A number that stays the same for a listener. */
export function spreadOf(listenerId: string): number {
  return [...listenerId].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 60, 0)
}
