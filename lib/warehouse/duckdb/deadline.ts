import type { DuckDBConnection } from '@duckdb/node-api'
import { Transient } from '#lib/core/errors.ts'

const REPEAT_MS = 50

/**
 * Interrupts whatever a connection is running once `deadlineMs` have passed. `work` checks the signal between statements.
 * @throws Transient when the deadline has passed
 */
export async function withDeadline<T>(
  connection: DuckDBConnection,
  deadlineMs: number,
  work: (connection: DuckDBConnection, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const expired = new AbortController()
  const interrupt = () => {
    expired.abort()
    connection.interrupt()
    // A statement that is still waiting for a thread ignores an interrupt, so repeat it.
    timer = setTimeout(interrupt, REPEAT_MS)
  }
  let timer = setTimeout(interrupt, deadlineMs)
  try {
    return await work(connection, expired.signal)
  } catch (error) {
    if (!expired.signal.aborted) throw error
    throw new Transient('The warehouse did not respond in time', {
      remedy: 'Nothing to do: Tracklake tries a load again. For a chart or query, choose a shorter period.',
      cause: error,
    })
  } finally {
    clearTimeout(timer)
  }
}
