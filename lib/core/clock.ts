import { setTimeout as sleep } from 'node:timers/promises'

/** The current time. Passed as an argument wherever a test or the demo history needs another one. */
export type Clock = () => Date

export const now: Clock = () => new Date()

export { DAY, HOUR, MINUTE, SECOND } from './durations.ts'

/** The UTC day of an instant, `YYYY-MM-DD`. */
export function utcDay(instant: Date): string {
  return instant.toISOString().slice(0, 10)
}

/** An instant as the API and the tables write it, null where there is none. */
export function toIso(instant: Date | null | undefined): string | null {
  return instant?.toISOString() ?? null
}

/** Resolves after `ms`, or as soon as `signal` aborts. For short waits between attempts, never for synchronization. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  // It rejects only when the signal aborts.
  return sleep(ms, undefined, { signal }).catch(() => undefined)
}
