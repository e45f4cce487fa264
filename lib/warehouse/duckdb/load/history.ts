import type { DuckDBConnection } from '@duckdb/node-api'
import type { LoadCounts } from '#lib/core/table.ts'
import { replaces } from '#lib/warehouse/check-load.ts'
import { SQL_TYPES } from '#lib/warehouse/duckdb/cells.ts'
import { all } from '#lib/warehouse/duckdb/statements.ts'
import { prepareTable, qualified, tableExists } from '#lib/warehouse/duckdb/tables.ts'
import { quote, quoteAll } from '#lib/warehouse/identifiers.ts'
import type { History } from '#lib/warehouse/warehouse.ts'
import { type Arrival, compare, keysMatch, scopeOf, write } from './merge-rows.ts'

const STAGED_DAY = 'tracklake_staged_day'

/** Replaces the rows of the day with the staged rows. */
export async function writeDay(
  connection: DuckDBConnection,
  { table, day }: Extract<History, { kind: 'daily' }>,
  staged: { source: string; rows: number },
): Promise<void> {
  if (staged.rows === 0 && !(await tableExists(connection, table))) return
  await prepareTable(connection, table)
  const dayType = SQL_TYPES[table.columns.day ?? 'date']
  await connection.run(
    `create temp view ${STAGED_DAY} as select *, cast('${day}' as ${dayType}) as "day" from ${staged.source}`,
  )
  const arrival: Arrival = {
    table,
    mode: 'replace part',
    parts: { column: 'day', values: [day] },
    source: STAGED_DAY,
    rows: staged.rows,
  }
  await write(connection, arrival, await compare(connection, arrival))
}

/** Records which keys appear and which disappear. Must run before the table itself is written. */
export async function writeChanges(
  connection: DuckDBConnection,
  { table: history, seenAt, carry }: Extract<History, { kind: 'changes' }>,
  arrival: Arrival,
  found: LoadCounts,
): Promise<void> {
  if (found.new + found.removed === 0) return
  await prepareTable(connection, history)
  const { table, mode, source } = arrival
  const kept = [...table.key, ...carry]
  const into = `insert into ${qualified(history)} (${quoteAll(kept)}, ${quote('change')}, ${quote('seen_at')})`
  await all(
    connection,
    `${into} select ${quoteAll(kept, 's')}, 'added', ? from ${source} s
     where not exists (select 1 from ${qualified(table)} t where ${keysMatch(table)})`,
    [seenAt],
  )
  if (!replaces(mode)) return
  const scope = scopeOf(arrival, 't')
  await all(
    connection,
    `${into} select ${quoteAll(kept, 't')}, 'removed', ? from ${qualified(table)} t
     where ${scope.where} and not exists (select 1 from ${source} s where ${keysMatch(table)})`,
    [seenAt, ...scope.values],
  )
}
