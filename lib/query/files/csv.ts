import { BYTE_ORDER_MARK, csvLine } from '#lib/core/csv.ts'
import type { Cell, ColumnType, Row } from '#lib/core/table.ts'
import type { Encode } from './encode.ts'

/** In a JSON column a text is JSON too, with its quotes. */
function cellOf(cell: Cell, type: ColumnType): Cell {
  return type === 'json' && typeof cell === 'string' ? JSON.stringify(cell) : cell
}

export const csv: Encode = async function* (columns, batches) {
  const types = Object.entries(columns)
  const lineOf = (row: Row) => csvLine(types.map(([name, type]) => cellOf(row[name] ?? null, type)))
  const encoder = new TextEncoder()
  let head = BYTE_ORDER_MARK + csvLine(Object.keys(columns))
  for await (const rows of batches) {
    yield encoder.encode(head + rows.map(lineOf).join(''))
    head = ''
  }
  if (head) yield encoder.encode(head)
}
