import { DAY, HOUR } from '#lib/core/clock.ts'
import { COUNTED_MS } from './groups.ts'

/** Requests that Spotify answered in one hour. */
export interface HourCount {
  hour: Date
  requests: number
}

/** What a group can use of its limit: it stops a little before; see quota-held-until.function.sql. */
const USABLE = 0.97
const usable = (limit: number) => Math.floor(limit * USABLE)

/** Whether a day's schedule fits a 24-hour limit. */
export function fits(planned: number, limit: number): boolean {
  return planned <= usable(limit)
}

/**
 * When a 24-hour limit is reached if from now on only the schedule runs. Null if it isn't within a day: by then, requests
 * that no longer count make room for new ones. Never null for a schedule that doesn't fit.
 *
 * @param planned requests of a day's schedule
 */
export function spentAt(hours: HourCount[], { planned, limit }: { planned: number; limit: number }, now: Date) {
  for (let at = now.getTime(); at <= now.getTime() + DAY; at += HOUR / 4) {
    const counted = hours
      .filter(({ hour }) => hour.getTime() > at - COUNTED_MS)
      .reduce((sum, { requests }) => sum + requests, 0)
    if (counted + (planned * (at - now.getTime())) / DAY > usable(limit)) return new Date(at)
  }
  return null
}
