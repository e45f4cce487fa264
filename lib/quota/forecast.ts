import { DAY, HOUR } from '#lib/core/clock.ts'
import { COUNTED_MS } from './groups.ts'

/** Requests that were answered in the hour that begins then. */
export interface HourCount {
  hour: Date
  requests: number
}

/** The pace of now is that of the last hours. */
const PACE_HOURS = 3

/** Requests an hour, of late. */
export function paceOf(hours: HourCount[], now: Date): number {
  const since = now.getTime() - PACE_HOURS * HOUR
  const recent = hours.filter(({ hour }) => hour.getTime() > since - HOUR)
  const asked = recent.reduce((sum, { requests }) => sum + requests, 0)
  const oldest = Math.min(since, ...recent.map(({ hour }) => hour.getTime()))
  return (asked * HOUR) / (now.getTime() - oldest)
}

/**
 * When a limit of 24 hours is reached if requests go on as of late; null when it is not within a day: what runs out of
 * the count by then makes room for what comes.
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
