import { setImmediate as breathe } from 'node:timers/promises'
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api'
import { Stop } from '#lib/core/errors.ts'
import type { Row, Table } from '#lib/core/table.ts'
import { quoteAll } from '#lib/warehouse/identifiers.ts'
import { APPEND } from './cells.ts'
import { all, count } from './statements.ts'
import { columnDefinitions } from './tables.ts'

/** The temporary table that holds the rows of a load; it lives as long as its connection. */
export const STAGED = 'tracklake_staged'

// Appending blocks the process, about 10 µs a row of 40 columns; others get their turn in between.
const ROWS_PER_BREATH = 500
const ROWS_PER_FLUSH = 8_000

/**
 * Puts the rows of a load into a temporary table, one row per key: the last one wins.
 * @returns how many rows are staged
 * @throws Stop for a null in the key or a cell that is not of its column's type
 */
export async function stage(
  connection: DuckDBConnection,
  table: Table,
  rows: AsyncIterable<Row[]>,
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
      if (staged % ROWS_PER_BREATH === 0) {
        await breathe()
        signal.throwIfAborted()
      }
    }
  }
  appender.closeSync()
  return staged - (await dropEarlierDuplicates(connection, table.key, staged))
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
      else if (cell === undefined || cell === null || !append(appender, cell)) {
        throw new Stop(`A row of ${table.name} has no ${type} in its column "${name}" but ${kindOf(cell)}`, {
          remedy: 'Correct the stream: its rows must hold what its columns and its key promise.',
        })
      }
    }
    appender.endRow()
  }
}

function kindOf(cell: unknown): string {
  if (cell === undefined) return 'nothing'
  return cell === null ? 'null, which its key forbids' : `a ${typeof cell} that does not fit`
}

async function dropEarlierDuplicates(connection: DuckDBConnection, key: string[], staged: number): Promise<number> {
  if (staged < 2) return 0
  const distinct = await count(connection, `select count(*) from (select distinct ${quoteAll(key)} from ${STAGED})`)
  if (distinct === staged) return 0
  // Row ids of a fresh table rise in the order of appending.
  await all(
    connection,
    `delete from ${STAGED} where rowid not in (select max(rowid) from ${STAGED} group by ${quoteAll(key)})`,
  )
  return staged - distinct
}
