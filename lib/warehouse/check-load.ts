import { Stop } from '#lib/core/errors.ts'
import type { Table } from '#lib/core/table.ts'
import type { Load } from './warehouse.ts'

// Where a row came from is not what it says: these columns alone never make a row "changed".
const BOOKKEEPING = /^(synced_at|run_id|_sdc_.*)$/

const DAY = /^\d{4}-\d\d-\d\d$/

/** The columns by which two rows of one key differ. */
export function contentColumns(table: Table): string[] {
  return Object.keys(table.columns).filter((name) => !table.key.includes(name) && !BOOKKEEPING.test(name))
}

/** @throws Stop when the declaration of a load contradicts itself; engines rely on what is checked here */
export function checkLoad(load: Load): void {
  const { table, mode, parts, history } = load
  checkTable(table)
  if (mode === 'replace part') {
    if (!parts) throw misdeclared(table, 'replaces parts but names none')
    if (!table.key.includes(parts.column)) throw misdeclared(table, `has no part column "${parts.column}" in its key`)
  }
  if (!history) return
  checkTable(history.table)
  if (history.kind === 'daily' && !DAY.test(history.day))
    throw misdeclared(history.table, 'is given no day as YYYY-MM-DD')
  const wanted =
    history.kind === 'daily'
      ? [...Object.keys(table.columns), 'day']
      : [...table.key, 'change', 'seen_at', ...history.carry]
  const held = Object.keys(history.table.columns)
  if (wanted.length !== held.length || !wanted.every((name) => held.includes(name)))
    throw misdeclared(history.table, `must have exactly the columns ${wanted.join(', ')}`)
}

function checkTable(table: Table): void {
  if (table.key.length === 0) throw misdeclared(table, 'has no key')
  const unknown = table.key.find((name) => !(name in table.columns))
  if (unknown !== undefined) throw misdeclared(table, `has no column "${unknown}", which its key names`)
}

function misdeclared(table: Table, what: string): Stop {
  return new Stop(`The table ${table.schema}.${table.name} ${what}`, {
    remedy: 'Correct the declaration of the stream; this is a mistake in the program.',
  })
}
