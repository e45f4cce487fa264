import { SECOND } from '#lib/core/clock.ts'

/** Inngest's delays between attempts, in seconds. Up to 30 s of jitter keep many runs from retrying at once. */
const DELAYS_S = [15, 30, 60, 120, 300, 600, 1_200, 2_400, 3_600, 7_200]

/** Milliseconds before the attempt that follows `attempt`, counted from 0. */
export function inngestBackoffMs(attempt: number): number {
  const seconds = DELAYS_S[Math.min(attempt, DELAYS_S.length - 1)] ?? 0
  return (seconds + Math.random() * 30) * SECOND
}

const MIN_DELAY_MS = SECOND
const MAX_DELAY_MS = 30 * SECOND

/**
 * Milliseconds before the next call of an app that can't be reached: short at first, because a restart takes seconds, and
 * longer the longer it is down.
 */
export function unreachableDelayMs(downMs: number): number {
  return Math.min(Math.max(MIN_DELAY_MS, downMs / 2), MAX_DELAY_MS)
}
