import type { DuckDBConnection } from '@duckdb/node-api'
import type { LoadCounts } from '#lib/core/table.ts'
import { all } from '#lib/warehouse/duckdb/statements.ts'
import { CREATE_TOUCHED } from '#lib/warehouse/touched.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'

/** Creates the ledger of loads if it is missing. */
export async function prepareLedger(connection: DuckDBConnection): Promise<void> {
  await connection.run(`
    create schema if not exists tracklake;
    create table if not exists tracklake.loads (
      read_id varchar not null, stream varchar not null, table_name varchar not null, run_id varchar not null,
      rows_new bigint not null, rows_changed bigint not null, rows_unchanged bigint not null,
      rows_removed bigint not null, loaded_at timestamp not null
    );
    ${CREATE_TOUCHED}`)
}

/** The counts of an earlier load of the same read into the same table. */
export async function earlierCounts(connection: DuckDBConnection, load: Load): Promise<LoadCounts | undefined> {
  const [row] = await all(
    connection,
    `select rows_new, rows_changed, rows_unchanged, rows_removed from tracklake.loads
     where read_id = ? and table_name = ?`,
    [load.readId, load.table.name],
  )
  if (!row) return undefined
  const [added, changed, unchanged, removed] = row.map(Number)
  return { new: added ?? 0, changed: changed ?? 0, unchanged: unchanged ?? 0, removed: removed ?? 0 }
}

/** Records that a read is loaded. Must run in the transaction of the load. */
export async function recordLoad(
  connection: DuckDBConnection,
  load: Load,
  counts: LoadCounts,
  loadedAt: Date,
): Promise<void> {
  await all(connection, 'insert into tracklake.loads values (?, ?, ?, ?, ?, ?, ?, ?, ?)', [
    load.readId,
    load.stream,
    load.table.name,
    load.runId,
    counts.new,
    counts.changed,
    counts.unchanged,
    counts.removed,
    loadedAt.toISOString(),
  ])
}
