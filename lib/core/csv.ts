import type { Cell } from './table.ts'

/** Excel takes a file without it for one in the encoding of its own country. */
export const BYTE_ORDER_MARK = '\uFEFF'

/**
 * What spreadsheets run as a formula (https://owasp.org/www-community/attacks/CSV_Injection), also behind the apostrophes
 * with which such a text is guarded: so taking one apostrophe away restores every text.
 */
const FORMULA = /^'*[=+\-@\t\r\n]/
const SPECIAL = /[",\r\n]/

/** One cell of RFC 4180. Null is an empty cell, an empty text is "". */
function csvCell(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell)
  if (typeof cell !== 'string') return quoted(JSON.stringify(cell))
  const safe = FORMULA.test(cell) ? `'${cell}` : cell
  return safe === '' || SPECIAL.test(safe) ? quoted(safe) : safe
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`

/** A line with its end. Texts that a spreadsheet would run as a formula get an apostrophe in front. */
export function csvLine(cells: Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}
