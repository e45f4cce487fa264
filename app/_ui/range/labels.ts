import { formatDays } from '#app/_ui/format.ts'
import {
  type Calendar,
  type Comparison,
  countDays,
  type DateRange,
  type Period,
  type PeriodUnit,
  type Preset,
  unitOf,
} from '#lib/core/period.ts'

export const PRESET_LABELS: Record<Preset, string> = {
  today: 'Today',
  '7d': 'Last 7 days',
  '28d': 'Last 28 days',
  '90d': 'Last 90 days',
  'this-week': 'This week',
  'last-week': 'Last week',
  month: 'This month',
  year: 'This year',
  all: 'All time',
}

/** "Last 28 days", "October 2026", "2025", "3 – 17 May 2026" */
export function periodLabel(period: Period, calendar: Calendar): string {
  if (period.preset) return PRESET_LABELS[period.preset]
  const unit = unitOf(period, calendar)
  if (unit === 'year') return period.from.slice(0, 4)
  if (unit === 'month') return monthLabel(period.from)
  return formatDays(period)
}

function monthLabel(day: string): string {
  return new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(day))
}

const PREVIOUS_LABELS: Record<Exclude<PeriodUnit, 'days'>, string> = {
  week: 'previous week',
  month: 'previous month',
  year: 'previous year',
  all: 'previous',
}

/** "previous 28 days", "a year earlier", "3 – 17 May 2026" */
export function comparisonLabel(period: Period, compare: Comparison | DateRange, calendar: Calendar): string {
  if (typeof compare === 'object') return formatDays(compare)
  if (compare === 'none') return 'no comparison'
  if (compare === 'last-year') return 'a year earlier'
  const unit = unitOf(period, calendar)
  if (unit !== 'days') return PREVIOUS_LABELS[unit]
  const count = countDays(period)
  if (count > 1) return `previous ${count} days`
  return period.to === calendar.today ? 'yesterday' : 'the day before'
}
