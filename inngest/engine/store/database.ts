import pg from 'pg'
import { MINUTE, SECOND } from '#lib/core/clock.ts'
import { log } from '#lib/core/log.ts'

/** Anything that runs a query: a pool, or the client of a transaction. */
export type Querier = Pick<pg.ClientBase, 'query'>

/**
 * A pool with a deadline on connecting and on every statement.
 *
 * @param durable false lets a commit return before it is on disk. Right only for what the next start repairs anyway
 *   (taking jobs, marking calls as under way); it halves the waiting for the disk.
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
  // A connection may also break between two queries of its user, whose next query then fails and says so.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** Runs `work` in one transaction and gives its result. */
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
