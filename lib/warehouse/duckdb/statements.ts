import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult, DuckDBValue } from '@duckdb/node-api'
import type { Cell, Row } from '#lib/core/table.ts'
import { bindCell, toCell } from './cells.ts'

/** Prepares a statement with its values for `work`. */
export async function withStatement<T>(
  connection: DuckDBConnection,
  sql: string,
  values: Cell[],
  work: (statement: DuckDBPreparedStatement) => Promise<T>,
): Promise<T> {
  const statement = await connection.prepare(sql)
  try {
    values.forEach((value, index) => {
      bindCell(statement, index + 1, value)
    })
    return await work(statement)
  } finally {
    statement.destroySync()
  }
}

/** Runs one of our own statements and reads the whole result, which must be small. */
export function all(connection: DuckDBConnection, sql: string, values: Cell[] = []): Promise<DuckDBValue[][]> {
  return withStatement(connection, sql, values, async (statement) => (await statement.runAndReadAll()).getRows())
}

/**
 * The rows of a streamed result, one DuckDB chunk (2,048 rows) at a time. A result that is not read to its end is ended:
 * until it is garbage, it would keep its file open, and opening the file again would wait for that.
 * @param names of its columns
 */
export async function* batchesOf(
  connection: DuckDBConnection,
  result: DuckDBResult,
  names: string[],
): AsyncGenerator<Row[]> {
  const types = result.columnTypes()
  let isAtEnd = false
  try {
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
      yield chunk
        .getRows()
        .map((values) =>
          Object.fromEntries(names.map((name, index) => [name, toCell(values[index] ?? null, types[index])])),
        )
    isAtEnd = true
  } finally {
    if (!isAtEnd) await endResult(connection, result)
  }
}

/** After an interrupt a streamed result has at most the chunks that are ready. */
async function endResult(connection: DuckDBConnection, result: DuckDBResult): Promise<void> {
  connection.interrupt()
  try {
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk());
  } catch {
    // It ended as interrupted, or had failed before.
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
