import { formatDay } from '#app/_ui/format.ts'
import type { AnyDrawing, BarLabels, Measure } from '#lib/charts/chart.ts'

export type Bars = Extract<AnyDrawing, { as: 'bars' }>
export type MonthBars = Extract<AnyDrawing, { as: 'month bars' }>

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const WEEKDAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** One of what is measured. */
export const UNITS: Record<Measure, string> = { minutes: 'minute', plays: 'play' }

/** @param weekday 1 = Monday … 7 = Sunday */
export function weekdayName(weekday: number): string {
  return WEEKDAY_NAMES[weekday - 1] ?? ''
}

/** What a bar stands for, where there is room for it. */
export function barName(labels: BarLabels, value: string | number): string {
  if (labels === 'weekday') return weekdayName(Number(value))
  if (labels === 'hour') return `${barLabel('hour', value)}–${barLabel('hour', (Number(value) + 1) % 24)}`
  if (labels === 'week') return `Week ${value}`
  if (labels === 'day of month') return `Day ${value} of the month`
  return barLabel(labels, value)
}

/** The label below a bar. */
export function barLabel(labels: BarLabels, value: string | number): string {
  if (labels === 'day') return formatDay(String(value))
  if (labels === 'hour') return `${String(value).padStart(2, '0')}:00`
  if (labels === 'weekday') return WEEKDAYS[Number(value) - 1] ?? ''
  if (labels === 'month') return MONTHS[Number(value) - 1] ?? ''
  return String(value)
}
