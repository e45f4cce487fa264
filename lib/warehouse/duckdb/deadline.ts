import type { DuckDBConnection } from '@duckdb/node-api'
import { Transient } from '#lib/core/errors.ts'

const AGAIN_MS = 50

/**
 * Interrupts what a connection runs once `deadlineMs` have passed. `work` looks at the signal between its statements.
 * @throws Transient when the time was up
 */
export async function withDeadline<T>(
  connection: DuckDBConnection,
  deadlineMs: number,
  work: (connection: DuckDBConnection, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeUp = new AbortController()
  const interrupt = () => {
    timeUp.abort()
    connection.interrupt()
    // A statement that still waits for a thread does not feel an interrupt, so it is repeated.
    timer = setTimeout(interrupt, AGAIN_MS)
  }
  let timer = setTimeout(interrupt, deadlineMs)
  try {
    return await work(connection, timeUp.signal)
  } catch (thrown) {
    if (!timeUp.signal.aborted) throw thrown
    throw new Transient('The warehouse did not answer in time', {
      remedy: 'Nothing to do for a load: it is tried again. For a question: ask for a shorter period.',
      cause: thrown,
    })
  } finally {
    clearTimeout(timer)
  }
}
