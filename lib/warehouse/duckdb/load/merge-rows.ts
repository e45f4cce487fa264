import type { DuckDBConnection } from '@duckdb/node-api'
import { Stop } from '#lib/core/errors.ts'
import type { LoadCounts, LoadMode, Table } from '#lib/core/table.ts'
import { contentColumns, fills, replaces } from '#lib/warehouse/check-load.ts'
import { all, count, counts } from '#lib/warehouse/duckdb/statements.ts'
import { qualified } from '#lib/warehouse/duckdb/tables.ts'
import { column, quote, quoteAll } from '#lib/warehouse/identifiers.ts'
import { TOUCHED } from '#lib/warehouse/touched.ts'

/** Staged rows to write into one table. */
export interface Arrival {
  table: Table
  mode: LoadMode
  parts?: { column: string; values: string[] }
  /** The name of the temporary table or view that holds the rows, one per key. */
  source: string
  rows: number
}

/** Counts what the arrival would change, without writing. The table must exist. */
export async function compare(connection: DuckDBConnection, arrival: Arrival): Promise<LoadCounts> {
  const { table, mode, source, rows } = arrival
  await refuseForeignParts(connection, arrival)
  const scope = scopeOf(arrival, 't')
  const held = await count(connection, `select count(*) from ${qualified(table)} t where ${scope.where}`, scope.values)
  if (held === 0) return { new: rows, changed: 0, unchanged: 0, removed: 0 }
  const [matched = 0, differing = 0] = await counts(
    connection,
    `select count(*), count(*) filter (where ${rowDiffers(table, mode)})
     from ${source} s join ${qualified(table)} t on ${keysMatch(table)} where ${scope.where}`,
    scope.values,
  )
  const changed = mode === 'append' ? 0 : differing
  return {
    new: rows - matched,
    changed,
    unchanged: matched - changed,
    removed: replaces(mode) ? held - matched : 0,
  }
}

/** Writes the arrival, unless the table already has the same content. */
export async function write(connection: DuckDBConnection, arrival: Arrival, found: LoadCounts): Promise<void> {
  if (found.new + found.changed + found.removed === 0) return
  const { table, mode, source } = arrival
  const columns = Object.keys(table.columns)
  if (replaces(mode)) {
    const scope = scopeOf(arrival, 't')
    await all(connection, `delete from ${qualified(table)} t where ${scope.where}`, scope.values)
    await connection.run(
      `insert into ${qualified(table)} (${quoteAll(columns)}) select ${quoteAll(columns)} from ${source}`,
    )
    return
  }
  if (fills(mode)) await recordTouched(connection, arrival)
  const update = assignments(table, mode)
  await connection.run(
    `merge into ${qualified(table)} t using ${source} s on (${keysMatch(table)})
     ${mode !== 'append' && update ? `when matched and (${rowDiffers(table, mode)}) then update set ${update}` : ''}
     when not matched then insert (${quoteAll(columns)}) values (${quoteAll(columns, 's')})`,
  )
}

/** Which rows of a table about music are about to be written. */
async function recordTouched(connection: DuckDBConnection, { table, mode, source }: Arrival): Promise<void> {
  const [id = ''] = table.key
  await all(
    connection,
    `insert into ${TOUCHED}
     select ?, ${column(id, 's')} from ${source} s left join ${qualified(table)} t on ${keysMatch(table)}
     where ${column(id, 't')} is null or ${rowDiffers(table, mode)}`,
    [table.name],
  )
}

/** What a changed row gets. */
function assignments(table: Table, mode: LoadMode): string {
  const names = fills(mode)
    ? contentColumns(table)
    : Object.keys(table.columns).filter((name) => !table.key.includes(name))
  return names.map((name) => `${quote(name)} = ${arriving(name, mode)}`).join(', ')
}

/** The value of a column after the arrival. */
function arriving(name: string, mode: LoadMode): string {
  const [arrived, held] = [column(name, 's'), column(name, 't')]
  if (mode === 'fill') return `coalesce(${arrived}, ${held})`
  return mode === 'fill gaps' ? `coalesce(${held}, ${arrived})` : arrived
}

/** Matches the rows of `s` and `t` by key; keys are never null. */
export function keysMatch({ key }: Table): string {
  return key.map((name) => `${column(name, 's')} = ${column(name, 't')}`).join(' and ')
}

/** The rows that the arrival replaces: the whole table, or its parts. */
export function scopeOf({ mode, parts }: Arrival, alias: string): { where: string; values: string[] } {
  if (mode !== 'replace part' || !parts) return { where: 'true', values: [] }
  if (parts.values.length === 0) return { where: 'false', values: [] }
  const marks = parts.values.map(() => '?').join(', ')
  return { where: `${column(parts.column, alias)} in (${marks})`, values: parts.values }
}

function rowDiffers(table: Table, mode: LoadMode): string {
  const differences = contentColumns(table).map(
    (name) => `${arriving(name, mode)} is distinct from ${column(name, 't')}`,
  )
  return differences.join(' or ') || 'false'
}

async function refuseForeignParts(connection: DuckDBConnection, arrival: Arrival): Promise<void> {
  if (arrival.mode !== 'replace part') return
  const scope = scopeOf(arrival, 's')
  const foreign = await count(
    connection,
    `select count(*) from ${arrival.source} s where not (${scope.where})`,
    scope.values,
  )
  if (foreign > 0)
    throw new Stop(`${foreign} rows for ${arrival.table.name} belong to parts that this load does not replace`, {
      remedy: 'This is a bug in Tracklake: the stream must name every part its rows belong to.',
    })
}
