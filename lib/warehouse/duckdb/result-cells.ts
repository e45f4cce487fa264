import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  type DuckDBType,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import type { Json } from '#lib/core/table.ts'
import { toCell } from './cells.ts'

/** Values of any type as JSON, without losing digits. Whatever is longer than a cell may be becomes a text and is cut. */

/** Numbers with more digits can differ from what a JSON parser makes of them. */
const EXACT_DIGITS = 15
/** A list of millions of items would be written in full before it is cut. */
const MAX_ITEMS = 1_000

/** @param type where it is known: a JSON column has texts */
export function resultCell(value: DuckDBValue, type: DuckDBType | undefined, maxCharacters: number): Json {
  // Writing all of a large blob would take seconds.
  const isLong = value instanceof DuckDBBlobValue && value.bytes.length > maxCharacters
  const cell = toJson(isLong ? new DuckDBBlobValue(value.bytes.subarray(0, maxCharacters)) : value, type)
  if (isLong) return `${String(cell).slice(0, maxCharacters)}…`
  if (typeof cell === 'string') return cut(cell, maxCharacters)
  if (cell === null || typeof cell !== 'object') return cell
  const text = JSON.stringify(cell)
  return text.length > maxCharacters ? cut(text, maxCharacters) : cell
}

/** Names that differ, each at most `maxCharacters` long. */
export function uniqueNames(names: readonly string[], maxCharacters: number): string[] {
  const used = new Set<string>()
  return names.map((name) => {
    const short = cut(name, maxCharacters)
    let unique = short
    for (let count = 1; used.has(unique); count++) unique = `${short}_${count}`
    used.add(unique)
    return unique
  })
}

/** Never between the halves of a character. */
function cut(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text
  const end = /[\uD800-\uDBFF]/.test(text.charAt(maxCharacters - 1)) ? maxCharacters - 1 : maxCharacters
  return `${text.slice(0, end)}…`
}

function toJson(value: DuckDBValue, type?: DuckDBType): Json {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (value instanceof DuckDBDecimalValue)
    return String(value).replaceAll(/\D/g, '').length <= EXACT_DIGITS ? value.toDouble() : String(value)
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    const items: Json[] = value.items.slice(0, MAX_ITEMS).map((item) => toJson(item))
    return value.items.length > MAX_ITEMS ? [...items, '…'] : items
  }
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([name, item]) => [name, toJson(item)]))
  if (value instanceof DuckDBMapValue)
    return value.entries.slice(0, MAX_ITEMS).map(({ key, value: item }) => ({ key: toJson(key), value: toJson(item) }))
  if (value instanceof DuckDBUnionValue) return toJson(value.value)
  return toCell(value, type)
}
