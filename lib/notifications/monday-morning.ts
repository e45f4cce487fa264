import { DAY, utcDay } from '#lib/core/clock.ts'

/** Summaries are sent on Monday from 9:00, or until Tuesday 9:00 if the instance was down. */
const HOUR = 9

/** From Monday 9:00 to Tuesday 9:00 in a zone: that Monday, for example `2026-05-04`. Null at other times. */
export function mondayMorning(at: Date, zone: string): string | null {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? ''
  const isLate = part('weekday').startsWith('Tue') && Number(part('hour')) < HOUR
  const isMonday = part('weekday').startsWith('Mon') && Number(part('hour')) >= HOUR
  if (!isMonday && !isLate) return null
  const today = new Date(`${part('year')}-${part('month')}-${part('day')}T00:00:00Z`)
  return utcDay(isLate ? new Date(today.getTime() - DAY) : today)
}
