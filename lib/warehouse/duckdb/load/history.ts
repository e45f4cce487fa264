import type { DuckDBConnection } from '@duckdb/node-api'
import type { LoadCounts } from '#lib/core/table.ts'
import { changesHistory, replaces } from '#lib/warehouse/check-load.ts'
import { SQL_TYPES } from '#lib/warehouse/duckdb/cells.ts'
import { all } from '#lib/warehouse/duckdb/statements.ts'
import { prepareTable, qualified, tableExists } from '#lib/warehouse/duckdb/tables.ts'
import { quote, quoteAll } from '#lib/warehouse/identifiers.ts'
import type { History } from '#lib/warehouse/warehouse.ts'
import { type Arrival, compare, keysMatch, scopeOf, write } from './merge-rows.ts'

type ChangesHistory = Extract<History, { kind: 'changes' }>

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

/** Records what appears and what disappears. Must run before the table itself is written. */
export async function writeChanges(
  connection: DuckDBConnection,
  history: ChangesHistory,
  arrival: Arrival,
  found: LoadCounts,
): Promise<void> {
  if (!changesHistory(history, found)) return
  await prepareTable(connection, history.table)
  if (history.by) await writeCountedChanges(connection, { ...history, by: history.by }, arrival)
  else await writeKeyChanges(connection, history, arrival)
}

async function writeKeyChanges(
  connection: DuckDBConnection,
  { table: history, seenAt, carry }: ChangesHistory,
  arrival: Arrival,
): Promise<void> {
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

/** A row is counted by its columns `by`, wherever in the list it is. */
async function writeCountedChanges(
  connection: DuckDBConnection,
  { table: history, seenAt, carry, by }: ChangesHistory & { by: string[] },
  { table, source, ...arrival }: Arrival,
): Promise<void> {
  const scope = scopeOf({ table, source, ...arrival }, 't')
  const columns = quoteAll([...by, ...carry])
  const known = by.map((name) => `${quote(name)} is not null`).join(' and ')
  await all(
    connection,
    `insert into ${qualified(history)} (${columns}, "change", "copies", "seen_at")
     select ${[...by.map(quote), ...carry.map((name) => `max(${quote(name)})`)].join(', ')},
       case when sum(one) > 0 then 'added' else 'removed' end, abs(sum(one)), ?
     from (select ${columns}, 1 as one from ${source}
           union all select ${columns}, -1 as one from ${qualified(table)} t where ${scope.where}) c
     where ${known} group by ${quoteAll(by)} having sum(one) <> 0`,
    [seenAt, ...scope.values],
  )
}
