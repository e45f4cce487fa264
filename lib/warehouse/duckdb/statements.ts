import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { Cell } from '#lib/core/table.ts'
import { bindCell } from './cells.ts'

/** Runs one of our own statements and reads the whole result, which must be small. */
export async function all(connection: DuckDBConnection, sql: string, values: Cell[] = []): Promise<DuckDBValue[][]> {
  const statement = await connection.prepare(sql)
  try {
    values.forEach((value, index) => {
      bindCell(statement, index + 1, value)
    })
    const reader = await statement.runAndReadAll()
    return reader.getRows()
  } finally {
    statement.destroySync()
  }
}

/** Runs a statement that returns one row of counts. */
export async function counts(connection: DuckDBConnection, sql: string, values: Cell[] = []): Promise<number[]> {
  const [row = []] = await all(connection, sql, values)
  return row.map(Number)
}

/** Runs a statement that returns one count. */
export async function count(connection: DuckDBConnection, sql: string, values: Cell[] = []): Promise<number> {
  const [first = 0] = await counts(connection, sql, values)
  return first
}

/** Runs `work` as one transaction: all of it is committed, or nothing. */
export async function inTransaction<T>(
  connection: DuckDBConnection,
  begin: 'begin' | 'begin transaction read only',
  work: () => Promise<T>,
): Promise<T> {
  await connection.run(begin)
  try {
    const result = await work()
    await connection.run('commit')
    return result
  } catch (error) {
    // Report the first error. A failed commit has rolled back already.
    await connection.run('rollback').catch(() => undefined)
    throw error
  }
}
