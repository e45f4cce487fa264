import type { DuckDBConnection } from '@duckdb/node-api'
import type { Cell, Row } from '#lib/core/table.ts'
import { bindCell, toCell } from './cells.ts'
import { checkReadOnly } from './read-only.ts'
import { inTransaction } from './statements.ts'

/** Runs one query in a read-only transaction. The result is streamed, so an endless query costs no more than `limit` rows. */
export async function runQuery(
  connection: DuckDBConnection,
  sql: string,
  values: Cell[],
  limit: number,
): Promise<Row[]> {
  await checkReadOnly(connection, sql)
  return inTransaction(connection, 'begin transaction read only', async () => {
    const statement = await connection.prepare(sql)
    try {
      values.forEach((value, index) => {
        bindCell(statement, index + 1, value)
      })
      const result = await statement.stream()
      const names = result.deduplicatedColumnNames().map((name) => name.toLowerCase())
      const types = result.columnTypes()
      const rows: Row[] = []
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        for (const values of chunk.getRows()) {
          if (rows.length === limit) return rows
          rows.push(Object.fromEntries(names.map((name, index) => [name, toCell(values[index] ?? null, types[index])])))
        }
      }
      return rows
    } finally {
      statement.destroySync()
    }
  })
}
