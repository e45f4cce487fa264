import { formatDay } from '#app/_ui/format.ts'
import type { AnyDrawing, BarLabels } from '#lib/charts/chart.ts'

export type Bars = Extract<AnyDrawing, { as: 'bars' }>

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The label below a bar. */
export function barLabel(labels: BarLabels, value: string | number): string {
  if (labels === 'day') return formatDay(String(value))
  if (labels === 'hour') return `${String(value).padStart(2, '0')}:00`
  if (labels === 'weekday') return WEEKDAYS[Number(value) - 1] ?? ''
  if (labels === 'month') return MONTHS[Number(value) - 1] ?? ''
  return String(value)
}
