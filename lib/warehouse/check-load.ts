import { Stop } from '#lib/core/errors.ts'
import type { Cell, ColumnType, LoadCounts, LoadMode, Table } from '#lib/core/table.ts'
import type { History, KeptRows, Load } from './warehouse.ts'

// These columns say where a row came from, so a difference in them does not make a row "changed".
const BOOKKEEPING = /^(synced_at|first_seen_at|run_id|_sdc_.*)$/

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/
const DAY = /^\d{4}-\d\d-\d\d$/
const MAX_SQL_LENGTH = 64 * 1024

/** The columns that decide whether two rows with the same key differ. */
export function contentColumns(table: Table): string[] {
  return Object.keys(table.columns).filter((name) => !table.key.includes(name) && !BOOKKEEPING.test(name))
}

/** Whether a null of an arriving row leaves the value that the table has. */
export function fills(mode: LoadMode): mode is 'fill' | 'fill gaps' {
  return mode === 'fill' || mode === 'fill gaps'
}

/** Whether a complete read can remove rows in this mode. */
export function replaces(mode: LoadMode): boolean {
  return mode === 'overwrite' || mode === 'replace part'
}

/** Which of several arriving rows with the same key is loaded. Rows that are only added never change one that is there. */
export function winnerOf(mode: LoadMode): 'first' | 'last' {
  return mode === 'append' ? 'first' : 'last'
}

/** The rows to keep, if the load replaces rows and some may stay. Complete once the load's rows are consumed. */
export function keptBy({ kept, mode }: Load): KeptRows | undefined {
  return kept && replaces(mode) && (kept.missing !== 'none' || kept.spans.length > 0) ? kept : undefined
}

/** Engines rely on these checks. @throws Stop when the declaration of a load contradicts itself */
export function checkLoad(load: Load): void {
  const { table, mode, parts, history } = load
  checkTable(table)
  if (mode === 'replace part') {
    if (!parts) throw invalidDeclaration(table, 'replaces parts but names none')
    if (!load.onlyRemoves && !table.key.includes(parts.column))
      throw invalidDeclaration(table, `has no part column "${parts.column}" in its key`)
  }
  if (load.kept && table.columns[load.kept.mark] !== 'timestamp')
    throw invalidDeclaration(table, 'keeps rows without a column that marks them')
  if (!history) return
  checkTable(history.table)
  if (history.kind === 'daily' && !DAY.test(history.day))
    throw invalidDeclaration(history.table, 'has a day that is not YYYY-MM-DD')
  if (history.kind === 'changes' && history.by && !replaces(mode))
    throw invalidDeclaration(history.table, 'counts rows of a load that does not replace them')
  const expected = history.kind === 'daily' ? [...Object.keys(table.columns), 'day'] : changeColumns(table, history)
  const actual = Object.keys(history.table.columns)
  if (expected.length !== actual.length || !expected.every((name) => actual.includes(name)))
    throw invalidDeclaration(history.table, `must have exactly the columns ${expected.join(', ')}`)
}

function changeColumns({ key }: Table, { by, carry }: Extract<History, { kind: 'changes' }>): string[] {
  return [...(by ? [...by, 'copies'] : key), 'change', 'seen_at', ...carry]
}

/** Whether a load that changes so much can have added to the changes history. */
export function changesHistory({ by }: Extract<History, { kind: 'changes' }>, found: LoadCounts): boolean {
  return found.new + found.removed + (by ? found.changed : 0) > 0
}

function checkTable(table: Table): void {
  if (table.key.length === 0) throw invalidDeclaration(table, 'has no key')
  const unknown = table.key.find((name) => !(name in table.columns))
  if (unknown !== undefined) throw invalidDeclaration(table, `has no column "${unknown}", although its key names it`)
}

function invalidDeclaration(table: Table, what: string): Stop {
  return new Stop(`The table ${table.schema}.${table.name} ${what}`, {
    remedy: 'This is a bug in Tracklake: correct the declaration of the stream.',
  })
}

/** Milliseconds since 1970 of a `timestamp` cell; undefined if it is none. */
export function instantMs(cell: Cell): number | undefined {
  const ms = typeof cell === 'string' && INSTANT.test(cell) ? Date.parse(cell) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

/** Milliseconds since 1970 of a `date` cell; undefined if it is none. */
export function dayMs(cell: Cell): number | undefined {
  const ms = typeof cell === 'string' && DAY.test(cell) ? Date.parse(cell) : Number.NaN
  // 30 February parses as 2 March, so only the way back shows whether the day exists.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== cell ? undefined : ms
}

/** The failure for a cell that does not have its column's type, or is null in the key. */
export function wrongCell(table: Table, name: string, type: ColumnType, cell: Cell | undefined): Stop {
  const what = cell === null ? 'null, which a key cannot contain' : `a ${typeof cell} that does not fit`
  return new Stop(
    `A row of ${table.name} needs ${type} in its column "${name}" but has ${cell === undefined ? 'nothing' : what}`,
    { remedy: 'This is a bug in Tracklake: the rows of the stream must match its columns and key.' },
  )
}

/** The failure for a column whose declared type is no longer the one it has, both as the engine names them. */
export function changedColumn(table: Table, name: string, existing: string, declared: string): Stop {
  return new Stop(`The column ${table.name}.${name} holds ${existing} but is now declared as ${declared}`, {
    remedy: 'This is a bug in Tracklake: a changed column needs a new name, because warehouses only gain columns.',
    context: { column: name },
  })
}

/** The failure for a query that may not run. */
export function refusedQuery(why: string): Stop {
  return new Stop(`The query ${why}`, { remedy: 'Use a single SELECT that reads tables of this warehouse.' })
}

/** @throws Stop for a query that is too long to check */
export function checkLength(sql: string): void {
  if (sql.length > MAX_SQL_LENGTH) throw refusedQuery('is longer than 64 KB')
}
