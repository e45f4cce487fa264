import type { PeriodSelection } from '#lib/core/period.ts'

/** Everything, newest first; a list of plays has nothing to compare. */
export const DEFAULTS: PeriodSelection = { period: 'all', compare: 'none' }
