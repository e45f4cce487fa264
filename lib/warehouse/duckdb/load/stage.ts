import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api'
import type { Row, Table } from '#lib/core/table.ts'
import { winnerOf, wrongCell } from '#lib/warehouse/check-load.ts'
import { APPEND } from '#lib/warehouse/duckdb/cells.ts'
import { all, count } from '#lib/warehouse/duckdb/statements.ts'
import { columnDefinitions } from '#lib/warehouse/duckdb/tables.ts'
import { quoteAll } from '#lib/warehouse/identifiers.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'

/** The temporary table with the rows of a load; it exists as long as its connection. */
export const STAGED = 'tracklake_staged'

// Appending blocks the process, about 10 µs for a row of 40 columns, so other work can run in between.
const ROWS_PER_YIELD = 500
const ROWS_PER_FLUSH = 8_000

/**
 * Puts the rows of a load into a temporary table, one row per key.
 * @returns how many rows are staged
 * @throws Stop for a null in the key or a cell that does not have its column's type
 */
export async function stage(
  connection: DuckDBConnection,
  { table, rows, mode }: Pick<Load, 'table' | 'rows' | 'mode'>,
  signal: AbortSignal,
): Promise<number> {
  await connection.run(`create temp table ${STAGED} (${columnDefinitions(table)})`)
  const appender = await connection.createAppender(STAGED, 'main', 'temp')
  const append = rowAppender(appender, table)
  let staged = 0
  for await (const batch of rows) {
    for (const row of batch) {
      append(row)
      staged += 1
      if (staged % ROWS_PER_FLUSH === 0) appender.flushSync()
      if (staged % ROWS_PER_YIELD === 0) {
        await yieldToOthers()
        signal.throwIfAborted()
      }
    }
  }
  appender.closeSync()
  return staged - (await dropDuplicates(connection, { key: table.key, staged, winner: winnerOf(mode) }))
}

function rowAppender(appender: DuckDBAppender, table: Table): (row: Row) => void {
  const writers = Object.entries(table.columns).map(([name, type]) => ({
    name,
    type,
    append: APPEND[type],
    inKey: table.key.includes(name),
  }))
  return (row) => {
    for (const { name, type, append, inKey } of writers) {
      const cell = row[name]
      if (cell === null && !inKey) appender.appendNull()
      else if (cell === undefined || cell === null || !append(appender, cell)) throw wrongCell(table, name, type, cell)
    }
    appender.endRow()
  }
}

async function dropDuplicates(
  connection: DuckDBConnection,
  { key, staged, winner }: { key: string[]; staged: number; winner: 'first' | 'last' },
): Promise<number> {
  if (staged < 2) return 0
  const distinct = await count(connection, `select count(*) from (select distinct ${quoteAll(key)} from ${STAGED})`)
  if (distinct === staged) return 0
  // Row ids of a new table increase in the order of appending.
  await all(
    connection,
    `delete from ${STAGED} where rowid not in (select ${winner === 'first' ? 'min' : 'max'}(rowid) from ${STAGED} group by ${quoteAll(key)})`,
  )
  return staged - distinct
}
