import type { Column } from 'snowflake-sdk'
import type { Cell, Json } from '#lib/core/table.ts'

/** What the driver is asked to hand over as text: it would round integers past 2^53 and evaluate odd JSON as code. */
export const AS_TEXT: ('Number' | 'JSON')[] = ['Number', 'JSON']

/** What a column of an answer is, as far as its values need it. */
export type AnswerColumn = Pick<Column, 'getName' | 'getType' | 'isNumber' | 'isDate'>

const JSON_TYPES = new Set(['variant', 'object', 'array', 'map'])

/** One value of the driver as a cell: numbers as numbers, instants and days as ISO text, JSON parsed. */
export function toCell(value: unknown, column: AnswerColumn): Cell {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return dateText(value, column)
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (Buffer.isBuffer(value)) return value.toString('hex')
  // Of these types the driver hands over the parsed value, whatever it was asked for.
  if (typeof value === 'object') return jsonOf(JSON.stringify(value instanceof Map ? Object.fromEntries(value) : value))
  const text = String(value)
  if (column.isNumber()) return numberOf(text, column.getType().toLowerCase() === 'fixed')
  return JSON_TYPES.has(column.getType().toLowerCase()) ? jsonOf(text) : text
}

/** The driver's dates print themselves in the format of the session, so only their number is used. */
function dateText(value: Date, column: AnswerColumn): Cell {
  const instant = new Date(value.getTime())
  if (Number.isNaN(instant.getTime())) return null
  const text = instant.toISOString()
  return column.isDate() ? text.slice(0, text.indexOf('T')) : text
}

/** An exact integer that a number cannot hold stays text. */
function numberOf(text: string, exact: boolean): Cell {
  const number = Number(text)
  if (!Number.isFinite(number)) return null
  return exact && /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? text : number
}

/** What is no JSON, which Snowflake may print for a VARIANT that others wrote, stays text. */
function jsonOf(text: string): Cell {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return text
  }
}
