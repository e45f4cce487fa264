/**
 * What loading costs by Snowflake's rules: a first-generation XS warehouse takes one credit an hour, billed by the second,
 * at least a minute for each start, and it keeps running for AUTO_SUSPEND seconds after the last statement.
 */

const CREDITS_PER_SECOND = 1 / 3600
const MIN_SECONDS = 60
const AUTO_SUSPEND_SECONDS = 60
const DAYS_PER_MONTH = 365 / 12

/** How often a listener's data is loaded. */
export const CADENCES = ['daily', '6-hourly', 'hourly', 'every extract'] as const
export type Cadence = (typeof CADENCES)[number]

/** `every extract` assumes one every 30 minutes, as for plays in waking hours. */
const LOADS_PER_DAY: Record<Cadence, number> = { daily: 1, '6-hourly': 4, hourly: 24, 'every extract': 48 }

/** Credits per month if every load starts the warehouse. */
export function creditsPerMonth(cadence: Cadence, secondsPerLoad: number): number {
  return LOADS_PER_DAY[cadence] * DAYS_PER_MONTH * creditsOf(secondsPerLoad * 1000)
}

/** Credits of one load that used the warehouse for this long; 0 if it needed none. */
export function creditsOf(warehouseMs: number): number {
  if (warehouseMs <= 0) return 0
  return Math.max(MIN_SECONDS, warehouseMs / 1000 + AUTO_SUSPEND_SECONDS) * CREDITS_PER_SECOND
}
