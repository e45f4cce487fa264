import type { Column } from 'snowflake-sdk'
import type { Cell, ColumnType, Json, Row } from '#lib/core/table.ts'

/** What the driver returns as text: otherwise it rounds integers past 2^53 and evaluates odd JSON as code. */
export const FETCH_AS_TEXT: ('Number' | 'JSON')[] = ['Number', 'JSON']

/** The facts about a result column that its values depend on. */
export type ResultColumn = Pick<Column, 'getName' | 'getType' | 'isNumber' | 'isDate'>

const JSON_TYPES = new Set(['variant', 'object', 'array', 'map'])

/** The column type that holds the values of a result column. */
export function columnTypeOf(column: Pick<Column, 'getType' | 'getScale'>): ColumnType {
  const type = column.getType().toLowerCase()
  if (type === 'fixed') return column.getScale() > 0 ? 'double' : 'integer'
  if (type.startsWith('timestamp')) return 'timestamp'
  if (JSON_TYPES.has(type)) return 'json'
  return OTHER_TYPES[type] ?? 'text'
}

const OTHER_TYPES: Record<string, ColumnType> = { real: 'double', boolean: 'boolean', date: 'date' }

/** A value from the driver as a cell: numbers as numbers, timestamps and dates as ISO text, JSON parsed. */
export function toCell(value: unknown, column: ResultColumn): Cell {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return dateText(value, column)
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (Buffer.isBuffer(value)) return value.toString('hex')
  // For these types the driver always returns the parsed value, whatever it was told.
  if (typeof value === 'object') return jsonOf(JSON.stringify(value instanceof Map ? Object.fromEntries(value) : value))
  const text = String(value)
  if (column.isNumber()) return numberOf(text, column.getType().toLowerCase() === 'fixed')
  return JSON_TYPES.has(column.getType().toLowerCase()) ? jsonOf(text) : text
}

/** The driver's dates print in the format of the session, so use only their number. */
function dateText(value: Date, column: ResultColumn): Cell {
  const instant = new Date(value.getTime())
  if (Number.isNaN(instant.getTime())) return null
  const text = instant.toISOString()
  return column.isDate() ? text.slice(0, text.indexOf('T')) : text
}

/** An exact integer that a number cannot represent stays text. */
function numberOf(text: string, exact: boolean): Cell {
  const number = Number(text)
  if (!Number.isFinite(number)) return null
  return exact && /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? text : number
}

/** Text that is not JSON stays text. Snowflake may print it for a VARIANT that someone else wrote. */
function jsonOf(text: string): Cell {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return text
  }
}

/** The rows of a result by the names of its columns. */
export function rowsOf({ names, rows }: { names: string[]; rows: Cell[][] }): Row[] {
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])))
}
