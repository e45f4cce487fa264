import type { ChartName } from '#lib/api/client.ts'
import type { Measure } from '#lib/charts/chart.ts'
import type { PeriodSelection } from '#lib/core/period.ts'

/** The charts of the page, in three requests: one has at most eight, and lists have orders of their own. */
export const RHYTHM = [
  'hour-of-week',
  'weekdays',
  'hours',
  'days-of-month',
  'weeks',
  'months',
  'years',
  'calendar',
] as const satisfies ChartName[]
export const GENRES = ['top-genres', 'genre-sources', 'genre-shares'] as const satisfies ChartName[]
export const COURSE = ['trend', 'streaks', 'discovery', 'sessions', 'session-figures'] as const satisfies ChartName[]

/** Habits show in all that is known. */
export const DEFAULTS: PeriodSelection = { period: 'all', compare: 'none' }

/** Sessions come longest first. */
export const ORDER = { sort: 'longest' } as const

/** What is counted, in the address. */
export const MEASURE_PARAM = 'by'

export function measureOf(requested: string | null | undefined): Measure {
  return requested === 'minutes' ? 'minutes' : 'plays'
}
