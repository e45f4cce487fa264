import type { DuckDBConnection } from '@duckdb/node-api'
import { MINUTE } from '#lib/core/clock.ts'
import type { Row, Table } from '#lib/core/table.ts'
import { quote } from '#lib/warehouse/identifiers.ts'
import { toFailure } from './failures.ts'
import { holdHandle, rememberDamage } from './handles.ts'
import { batchesOf } from './statements.ts'
import { existingColumns, qualified } from './tables.ts'

const WAIT_MS = MINUTE

/**
 * All rows of a table as they are at one moment, one DuckDB chunk (2,048 rows) at a time. The file stays open and one
 * reader slot stays taken until the last batch, or until the consumer stops.
 */
export async function* copyRows(file: string, table: Table): AsyncGenerator<Row[]> {
  const { handle, release } = await holdHandle(file)
  const finished = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  const slot = handle.readers.run(WAIT_MS, () => {
    started.resolve()
    return finished.promise
  })
  try {
    await Promise.race([started.promise, slot])
    const connection = await handle.instance.connect()
    try {
      yield* streamRows(connection, table)
    } finally {
      // This also ends the transaction.
      connection.disconnectSync()
    }
  } catch (error) {
    const failure = toFailure(error)
    await rememberDamage(file, failure)
    throw failure
  } finally {
    finished.resolve()
    release()
  }
}

async function* streamRows(connection: DuckDBConnection, table: Table): AsyncGenerator<Row[]> {
  await connection.run('begin transaction read only')
  const existing = await existingColumns(connection, table)
  if (existing.size === 0) return
  // A declared column that the table doesn't have yet is null in every row.
  const names = Object.keys(table.columns)
  const columns = names.map((name) => (existing.has(name) ? quote(name) : `null as ${quote(name)}`))
  const result = await connection.stream(`select ${columns.join(', ')} from ${qualified(table)}`)
  yield* batchesOf(connection, result, names)
}
