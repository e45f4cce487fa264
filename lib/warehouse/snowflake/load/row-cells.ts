import canonicalize from 'canonicalize'
import { Stop } from '#lib/core/errors.ts'
import type { Cell, ColumnType, Json, Row, Table } from '#lib/core/table.ts'
import { dayMs, instantMs, wrongCell } from '#lib/warehouse/check-load.ts'

/** How a cell that is not null is sent; undefined if it does not have the column's type. */
const ENCODERS: Record<ColumnType, (cell: Cell) => Json | undefined> = {
  // A lone half of a surrogate pair is not valid text for other programs.
  text: (cell) => (typeof cell === 'string' ? cell.toWellFormed() : undefined),
  integer: (cell) => (Number.isSafeInteger(cell) ? cell : undefined),
  double: (cell) => (typeof cell === 'number' && Number.isFinite(cell) ? doubleText(cell) : undefined),
  boolean: (cell) => (typeof cell === 'boolean' ? cell : undefined),
  timestamp: instantMs,
  date: (cell) => (dayMs(cell) === undefined ? undefined : cell),
  json: wellFormed,
}

/** Lone halves of surrogate pairs, which `JSON.stringify` writes as escapes. */
const HALF_PAIR = /\\ud[89a-f][0-9a-f]{2}/

function wellFormed(cell: Cell): Json {
  const text = JSON.stringify(cell)
  if (!HALF_PAIR.test(text)) return cell
  return JSON.parse(text, (_, value) => (typeof value === 'string' ? value.toWellFormed() : value))
}

/** Keeps the sign of -0, which JSON and `String` lose. */
function doubleText(cell: number): string {
  return Object.is(cell, -0) ? '-0' : String(cell)
}

export interface RowText {
  /** The row as a JSON array: its number, then its cells in column order. */
  json: string
  /** Equal for rows with the same key. */
  key: string
}

/**
 * Serializes rows.
 * @throws Stop for a null in the key, a cell that does not have its column's type, or a part that is not replaced
 */
export function rowWriter(
  table: Table,
  parts?: { column: string; values: string[] },
): (row: Row, at: number) => RowText {
  const columns = Object.entries(table.columns).map(([name, type]) => ({ name, type, inKey: table.key.includes(name) }))
  const named = parts && new Set(parts.values)
  return (row, at) => {
    const cells: Json[] = [at]
    const key: Json[] = []
    for (const { name, type, inKey } of columns) {
      const cell = row[name]
      const encoded =
        cell === null && !inKey ? null : cell === undefined || cell === null ? undefined : ENCODERS[type](cell)
      if (encoded === undefined) throw wrongCell(table, name, type, cell)
      cells.push(encoded)
      if (inKey) key.push(encoded)
    }
    if (named && !named.has(String(row[parts.column])))
      throw new Stop(`A row for ${table.name} belongs to a part that this load does not replace`, {
        remedy: 'This is a bug in Tracklake: the stream must name every part its rows belong to.',
      })
    // Canonical order of names, so that equal values give equal texts.
    return { json: canonicalize(cells) ?? '[]', key: JSON.stringify(key) }
  }
}
