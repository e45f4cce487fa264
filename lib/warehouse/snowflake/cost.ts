/**
 * What loading costs, by Snowflake's rules: an XS warehouse of the first generation takes one credit an hour, counted
 * by the second, at least a minute for each start, and goes on for AUTO_SUSPEND seconds after the last statement.
 */

const CREDITS_PER_SECOND = 1 / 3600
const LEAST_SECONDS = 60
const AUTO_SUSPEND_SECONDS = 60
const DAYS_PER_MONTH = 365 / 12

/** How often a listener's reads are loaded. */
export const CADENCES = ['daily', '6-hourly', 'hourly', 'every extract'] as const
export type Cadence = (typeof CADENCES)[number]

/** Extracting with every 30 minutes, as plays in waking hours are. */
const LOADS_PER_DAY: Record<Cadence, number> = { daily: 1, '6-hourly': 4, hourly: 24, 'every extract': 48 }

/** Credits of a month in which every load starts the warehouse. */
export function creditsPerMonth(cadence: Cadence, secondsPerLoad: number): number {
  return LOADS_PER_DAY[cadence] * DAYS_PER_MONTH * creditsOf(secondsPerLoad * 1000)
}

/** Credits of one load that kept the warehouse at work for this long; 0 when it needed none. */
export function creditsOf(warehouseMs: number): number {
  if (warehouseMs <= 0) return 0
  return Math.max(LEAST_SECONDS, warehouseMs / 1000 + AUTO_SUSPEND_SECONDS) * CREDITS_PER_SECOND
}
