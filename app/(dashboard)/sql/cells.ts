import type { SqlCell } from '#lib/api/sql.ts'

/** How the values of a result are written. */

export interface ResultColumn {
  name: string
  /** DuckDB's, for example BIGINT or DECIMAL(18,3). */
  type: string
}

/** Numbers are aligned on the right. */
export function isNumeric({ type }: ResultColumn): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|REAL|BIGNUM|DECIMAL\([\d,]+\))$/.test(type)
}

/** A value as DuckDB would write it: nothing is rounded or translated. */
export function cellText(value: SqlCell): string {
  if (value === null) return 'NULL'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Rows as spreadsheets take them from the clipboard. */
export function clipboardText(columns: ResultColumn[], rows: SqlCell[][]): string {
  const cell = (value: SqlCell) => (value === null ? '' : cellText(value).replaceAll(/[\t\r\n]+/g, ' '))
  return [columns.map(({ name }) => name), ...rows].map((row) => row.map(cell).join('\t')).join('\n')
}

const SAMPLE_ROWS = 200
const PADDING_PX = 26
const MIN_PX = 72
const MAX_PX = 340
/** Names of columns are bolder. */
const HEADER_SCALE = 1.1

/** About how wide a text is at 13 px. Digits are all as wide as the widest. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text.slice(0, 100)) {
    if (/\d/.test(character)) width += 8.3
    else width += character < '\u2e80' ? 7.2 : 13
  }
  return width
}

/**
 * The width of each column in pixels, from its name and its first rows. It doesn't depend on what is in view, so that nothing
 * moves while the table scrolls.
 */
export function columnWidths(columns: ResultColumn[], rows: SqlCell[][]): number[] {
  const sample = rows.slice(0, SAMPLE_ROWS)
  return columns.map(({ name }, index) => {
    const texts = sample.map((row) => widthOf(cellText(row[index] ?? null)))
    const widest = Math.max(widthOf(name) * HEADER_SCALE, ...texts)
    return Math.ceil(Math.min(MAX_PX, Math.max(MIN_PX, widest + PADDING_PX)))
  })
}

/** The width of the column with the numbers of rows. */
export function numbersWidth(count: number): number {
  return Math.ceil(widthOf(String(count)) + PADDING_PX)
}
