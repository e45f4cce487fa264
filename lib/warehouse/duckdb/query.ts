import type { DuckDBConnection } from '@duckdb/node-api'
import type { Cell, Row } from '#lib/core/table.ts'
import { checkReadOnly } from './read-only.ts'
import { batchesOf, inTransaction, withStatement } from './statements.ts'

/** Runs one query in a read-only transaction. The result is streamed, so an endless query costs no more than `limit` rows. */
export async function runQuery(
  connection: DuckDBConnection,
  sql: string,
  values: Cell[],
  limit: number,
): Promise<Row[]> {
  await checkReadOnly(connection, sql)
  return inTransaction(connection, 'begin transaction read only', () =>
    withStatement(connection, sql, values, async (statement) => {
      const result = await statement.stream()
      const names = result.deduplicatedColumnNames().map((name) => name.toLowerCase())
      const rows: Row[] = []
      for await (const batch of batchesOf(connection, result, names)) {
        rows.push(...batch.slice(0, limit - rows.length))
        if (rows.length >= limit) break
      }
      return rows
    }),
  )
}
