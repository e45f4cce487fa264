import { DAY, HOUR } from '#lib/core/clock.ts'
import { COUNTED_MS } from './groups.ts'

/** Requests that Spotify answered in one hour. */
export interface HourCount {
  hour: Date
  requests: number
}

/** The current pace is the average over these hours. */
const PACE_HOURS = 3

/** Requests per hour at the current pace. */
export function paceOf(hours: HourCount[], now: Date): number {
  const since = now.getTime() - PACE_HOURS * HOUR
  const recent = hours.filter(({ hour }) => hour.getTime() > since - HOUR)
  const requests = recent.reduce((sum, hour) => sum + hour.requests, 0)
  const oldest = Math.min(since, ...recent.map(({ hour }) => hour.getTime()))
  return (requests * HOUR) / (now.getTime() - oldest)
}

/**
 * When a 24-hour limit is reached at the current pace. Null if it isn't within a day: by then, requests that no longer count
 * make room for new ones.
 */
export function spentAt(hours: HourCount[], limit: number, now: Date): Date | null {
  const pace = paceOf(hours, now)
  for (let at = now.getTime(); at <= now.getTime() + DAY; at += HOUR / 4) {
    const counted = hours
      .filter(({ hour }) => hour.getTime() > at - COUNTED_MS)
      .reduce((sum, { requests }) => sum + requests, 0)
    if (counted + (pace * (at - now.getTime())) / HOUR >= limit) return new Date(at)
  }
  return null
}
