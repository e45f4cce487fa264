import pg from 'pg'
import { MINUTE, SECOND } from '#lib/core/clock.ts'
import { log } from '#lib/core/log.ts'

/** A pool, or the client of a transaction. */
export type Querier = Pick<pg.ClientBase, 'query'>

/**
 * Opens a pool with a timeout for connecting and for every statement.
 *
 * @param durable false lets a commit return before it is on disk, which halves the waiting for the disk. Use it only for
 *   what the next start repairs anyway (taking jobs, marking calls as started).
 */
export function openPool(databaseUrl: string, size: number, durable: boolean): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: size,
    connectionTimeoutMillis: 10 * SECOND,
    statement_timeout: MINUTE,
    application_name: 'tracklake engine',
    options: durable ? undefined : '-c synchronous_commit=off',
  })
  pool.on('error', (error) => log.warn('an idle database connection of the engine broke', { error }))
  // A connection that breaks between two queries makes the next query fail; that error is enough.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** Runs `work` in one transaction and returns its result. */
export async function inTransaction<T>(pool: pg.Pool, work: (client: Querier) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure
    })
    throw error
  } finally {
    client.release(broken)
  }
}
