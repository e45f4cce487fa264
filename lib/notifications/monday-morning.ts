import { addDays, dayIn, weekdayOf } from '#lib/core/period.ts'

/** Summaries are sent on Monday from 9:00, or until Tuesday 9:00 if the instance was down. */
const HOUR = 9

/** From Monday 9:00 to Tuesday 9:00 in a zone: that Monday, for example `2026-05-04`. Null at other times. */
export function mondayMorning(at: Date, zone: string): string | null {
  const day = dayIn(zone, at)
  const hour = Number(
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' }).format(at),
  )
  if (weekdayOf(day) === 1 && hour >= HOUR) return day
  return weekdayOf(day) === 2 && hour < HOUR ? addDays(day, -1) : null
}
