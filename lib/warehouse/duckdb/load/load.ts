import type { DuckDBConnection } from '@duckdb/node-api'
import type { Clock } from '#lib/core/clock.ts'
import { type LoadCounts, NO_COUNTS } from '#lib/core/table.ts'
import { checkLoad, keptBy } from '#lib/warehouse/check-load.ts'
import { inTransaction } from '#lib/warehouse/duckdb/statements.ts'
import { prepareTable, tableExists } from '#lib/warehouse/duckdb/tables.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'
import { writeChanges, writeDay } from './history.ts'
import { keepRows } from './keep-rows.ts'
import { earlierCounts, prepareLedger, recordLoad } from './ledger.ts'
import { type Arrival, compare, write } from './merge-rows.ts'
import { STAGED, stage } from './stage.ts'

/**
 * Loads one read through a temporary table in one transaction. The connection must be new, the only one that writes,
 * and closed afterward, which removes the temporary table.
 */
export async function loadRead(
  connection: DuckDBConnection,
  load: Load,
  now: Clock,
  signal: AbortSignal,
): Promise<LoadCounts> {
  checkLoad(load)
  await prepareLedger(connection)
  const earlier = await earlierCounts(connection, load)
  if (earlier) return earlier
  const rows = await stage(connection, load, signal)
  return inTransaction(connection, 'begin', async () => {
    const counts = load.historyOnly ? { ...NO_COUNTS } : await loadTable(connection, load, rows)
    if (load.history?.kind === 'daily') await writeDay(connection, load.history, { source: STAGED, rows })
    await recordLoad(connection, load, counts, now())
    signal.throwIfAborted()
    return counts
  })
}

async function loadTable(connection: DuckDBConnection, load: Load, rows: number): Promise<LoadCounts> {
  const { table, mode, parts, history } = load
  if (rows === 0 && !(await tableExists(connection, table))) return { ...NO_COUNTS }
  await prepareTable(connection, table)
  const arrived: Arrival = { table, mode, parts, source: STAGED, rows }
  const kept = keptBy(load)
  const arrival = kept ? await keepRows(connection, arrived, kept) : arrived
  const counts = await compare(connection, arrival)
  if (history?.kind === 'changes') await writeChanges(connection, history, arrival, counts)
  await write(connection, arrival, counts)
  return counts
}
