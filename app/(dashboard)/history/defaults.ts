import type { PeriodSelection } from '#lib/core/period.ts'

/** Everything, newest first; a list of plays has nothing to compare. */
export const DEFAULTS: PeriodSelection = { period: 'all', compare: 'none' }

/** The value of the chart's parameter `show` with which only excluded plays are listed. */
export const EXCLUDED = 'excluded'
