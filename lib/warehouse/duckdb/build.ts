import type { DuckDBConnection } from '@duckdb/node-api'
import type { Row, Table } from '#lib/core/table.ts'
import type { RunStatement } from '#lib/warehouse/warehouse.ts'
import { all, batchesOf, inTransaction, withStatement } from './statements.ts'
import { prepareTable } from './tables.ts'

const MAX_ROWS = 10_000

/** Runs the statements of `work` in one transaction, after creating the tables that are missing. */
export function runBuild<T>(
  connection: DuckDBConnection,
  tables: Table[],
  work: (run: RunStatement) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const run: RunStatement = async (sql, values = []) => {
    signal.throwIfAborted()
    return withStatement(connection, sql, values, async (statement) => {
      const result = await statement.stream()
      const names = result.deduplicatedColumnNames().map((name) => name.toLowerCase())
      const rows: Row[] = []
      for await (const batch of batchesOf(connection, result, names)) {
        rows.push(...batch.slice(0, MAX_ROWS - rows.length))
        if (rows.length >= MAX_ROWS) break
      }
      return rows
    })
  }
  return inTransaction(connection, 'begin', async () => {
    for (const table of await incomplete(connection, tables)) await prepareTable(connection, table)
    return work(run)
  })
}

/** The tables that are missing or have too few columns. One query for all, because each costs as much as a model. */
async function incomplete(connection: DuckDBConnection, tables: Table[]): Promise<Table[]> {
  const rows = await all(
    connection,
    `select schema_name || '.' || table_name, column_count from duckdb_tables()
     where database_name = current_database() and not internal`,
  )
  const columns = new Map(rows.map(([name, count]) => [String(name), Number(count)]))
  return tables.filter(
    (table) => (columns.get(`${table.schema}.${table.name}`) ?? 0) < Object.keys(table.columns).length,
  )
}
