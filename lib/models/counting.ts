/** Which plays count. Constants only, which the API and the pages use too. */

/** By their length; the macro meets_rule of dbt/ applies them. */
export const COUNTING_RULES = ['30s', 'half', 'completed', 'all'] as const
export type CountingRule = (typeof COUNTING_RULES)[number]

/** Why a play doesn't count; the first that applies. */
export const UNCOUNTED_REASONS = ['excluded', 'other tracker', 'private session', 'skipped', 'too short'] as const
export type UncountedReason = (typeof UNCOUNTED_REASONS)[number]
