/** What builds and checks of the models end with. Constants only, which the API and the pages use too. */

/** Why a build wrote every model from the start, instead of only what had arrived. */
export const FULL_REASONS = ['first build', 'requested', 'inputs changed', 'rows missing'] as const
export type FullReason = (typeof FULL_REASONS)[number]

export const CHECK_STATES = ['passed', 'failed', 'could not run'] as const
export type CheckState = (typeof CHECK_STATES)[number]
