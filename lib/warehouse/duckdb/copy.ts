import type { DuckDBConnection } from '@duckdb/node-api'
import { MINUTE } from '#lib/core/clock.ts'
import type { Row, Table } from '#lib/core/table.ts'
import { quote } from '#lib/warehouse/identifiers.ts'
import { toCell } from './cells.ts'
import { toFailure } from './failures.ts'
import { holdHandle } from './handles.ts'
import { heldColumns, qualified } from './tables.ts'

const PATIENCE_MS = MINUTE

/**
 * All rows of a table as they are at one moment, a chunk of DuckDB (2,048 rows) at a time. The file stays open and a
 * turn of its readers is taken until the last batch, or until the consumer stops.
 */
export async function* copyRows(file: string, table: Table): AsyncGenerator<Row[]> {
  const { handle, release } = await holdHandle(file)
  const turn = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const taken = handle.readers.take(PATIENCE_MS, () => {
    begun.resolve()
    return turn.promise
  })
  try {
    await Promise.race([begun.promise, taken])
    const connection = await handle.instance.connect()
    try {
      yield* streamed(connection, table)
    } finally {
      // Ends the transaction too.
      connection.disconnectSync()
    }
  } catch (thrown) {
    throw toFailure(thrown)
  } finally {
    turn.resolve()
    release()
  }
}

async function* streamed(connection: DuckDBConnection, table: Table): AsyncGenerator<Row[]> {
  await connection.run('begin transaction read only')
  const held = await heldColumns(connection, table)
  if (held.size === 0) return
  // A column that is declared and not held yet is null in every row.
  const columns = Object.keys(table.columns).map((name) => (held.has(name) ? quote(name) : `null as ${quote(name)}`))
  const result = await connection.stream(`select ${columns.join(', ')} from ${qualified(table)}`)
  const names = Object.keys(table.columns)
  const types = result.columnTypes()
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
    yield chunk
      .getRows()
      .map((values) =>
        Object.fromEntries(names.map((name, index) => [name, toCell(values[index] ?? null, types[index])])),
      )
}
