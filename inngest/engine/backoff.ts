import { SECOND } from '#lib/core/clock.ts'

/** Inngest's pauses between tries, in seconds; up to 30 s of chance keep many runs from coming back at once. */
const DELAYS_S = [15, 30, 60, 120, 300, 600, 1_200, 2_400, 3_600, 7_200]

/** Milliseconds before the try that follows `attempt`, counted from 0. */
export function inngestBackoffMs(attempt: number): number {
  const seconds = DELAYS_S[Math.min(attempt, DELAYS_S.length - 1)] ?? 0
  return (seconds + Math.random() * 30) * SECOND
}

const MIN_DELAY_MS = SECOND
const MAX_DELAY_MS = 30 * SECOND

/**
 * Milliseconds before an app that nobody answers for is called again: at once after a restart, which takes seconds, and
 * ever more rarely the longer it is away.
 */
export function unreachableDelayMs(awayMs: number): number {
  return Math.min(Math.max(MIN_DELAY_MS, awayMs / 2), MAX_DELAY_MS)
}
