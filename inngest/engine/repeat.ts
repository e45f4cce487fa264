import { pause } from '#lib/core/clock.ts'

interface Repeating {
  signal: AbortSignal
  /** The repetition has ended with a failure. */
  onFailure(cause: unknown): void
}

/** Repeats `work` until `signal` says stop, with `ms` between its end and its next beginning. */
export function repeat(
  ms: number,
  work: () => Promise<void>,
  { signal, onFailure }: Repeating,
  firstAfterMs = ms,
): void {
  const run = async () => {
    for (let wait = firstAfterMs; !signal.aborted; wait = ms) {
      await pause(wait, signal)
      if (!signal.aborted) await work()
    }
  }
  run().catch(onFailure)
}
