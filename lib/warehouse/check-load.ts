import { Stop } from '#lib/core/errors.ts'
import type { Table } from '#lib/core/table.ts'
import type { Load } from './warehouse.ts'

// These columns say where a row came from, so a difference in them does not make a row "changed".
const BOOKKEEPING = /^(synced_at|run_id|_sdc_.*)$/

const DAY = /^\d{4}-\d\d-\d\d$/

/** The columns that decide whether two rows with the same key differ. */
export function contentColumns(table: Table): string[] {
  return Object.keys(table.columns).filter((name) => !table.key.includes(name) && !BOOKKEEPING.test(name))
}

/** Engines rely on these checks. @throws Stop when the declaration of a load contradicts itself */
export function checkLoad(load: Load): void {
  const { table, mode, parts, history } = load
  checkTable(table)
  if (mode === 'replace part') {
    if (!parts) throw invalidDeclaration(table, 'replaces parts but names none')
    if (!table.key.includes(parts.column))
      throw invalidDeclaration(table, `has no part column "${parts.column}" in its key`)
  }
  if (!history) return
  checkTable(history.table)
  if (history.kind === 'daily' && !DAY.test(history.day))
    throw invalidDeclaration(history.table, 'has a day that is not YYYY-MM-DD')
  const expected =
    history.kind === 'daily'
      ? [...Object.keys(table.columns), 'day']
      : [...table.key, 'change', 'seen_at', ...history.carry]
  const actual = Object.keys(history.table.columns)
  if (expected.length !== actual.length || !expected.every((name) => actual.includes(name)))
    throw invalidDeclaration(history.table, `must have exactly the columns ${expected.join(', ')}`)
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
