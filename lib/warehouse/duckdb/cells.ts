import {
  type DuckDBAppender,
  DuckDBArrayValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  type DuckDBPreparedStatement,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api'
import canonicalize from 'canonicalize'
import { DAY } from '#lib/core/clock.ts'
import type { Cell, ColumnType } from '#lib/core/table.ts'
import { dayMs, instantMs } from '#lib/warehouse/check-load.ts'

/** DuckDB's name of each column type. */
export const SQL_TYPES: Record<ColumnType, string> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
  json: 'JSON',
}

const INT32 = 2 ** 31

/** Writes one cell that is not null. @returns false when the cell is not of the column's type */
export type Append = (appender: DuckDBAppender, cell: Cell) => boolean

export const APPEND: Record<ColumnType, Append> = {
  text(appender, cell) {
    if (typeof cell !== 'string') return false
    appender.appendVarchar(cell)
    return true
  },
  integer(appender, cell) {
    if (!Number.isSafeInteger(cell)) return false
    appender.appendBigInt(BigInt(Number(cell)))
    return true
  },
  double(appender, cell) {
    if (typeof cell !== 'number' || !Number.isFinite(cell)) return false
    appender.appendDouble(cell)
    return true
  },
  boolean(appender, cell) {
    if (typeof cell !== 'boolean') return false
    appender.appendBoolean(cell)
    return true
  },
  timestamp(appender, cell) {
    const ms = instantMs(cell)
    if (ms === undefined) return false
    appender.appendTimestamp(new DuckDBTimestampValue(BigInt(ms) * 1000n))
    return true
  },
  date(appender, cell) {
    const ms = dayMs(cell)
    if (ms === undefined) return false
    appender.appendDate(new DuckDBDateValue(ms / DAY))
    return true
  },
  json(appender, cell) {
    appender.appendVarchar(jsonText(cell))
    return true
  },
}

/** Canonical JSON: equal values give equal texts, whatever the order of their names. */
function jsonText(cell: Cell): string {
  return canonicalize(cell) ?? 'null'
}

/** Binds a value to the parameter at `index`, counted from 1. */
export function bindCell(statement: DuckDBPreparedStatement, index: number, cell: Cell): void {
  if (cell === null) statement.bindNull(index)
  else if (typeof cell === 'string') statement.bindVarchar(index, cell)
  else if (typeof cell === 'boolean') statement.bindBoolean(index, cell)
  else if (typeof cell !== 'number') statement.bindVarchar(index, jsonText(cell))
  else if (!Number.isSafeInteger(cell) || Object.is(cell, -0)) statement.bindDouble(index, cell)
  else if (Math.abs(cell) < INT32) statement.bindInteger(index, cell)
  else statement.bindBigInt(index, BigInt(cell))
}

/** A value from DuckDB as a cell: numbers as numbers, timestamps and dates as ISO text, JSON parsed. */
export function toCell(value: DuckDBValue, type?: DuckDBType): Cell {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return type?.alias === 'JSON' ? JSON.parse(value) : value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof DuckDBDecimalValue) return value.toDouble()
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)
    return value.items.map((item) => toCell(item))
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([name, item]) => [name, toCell(item)]))
  const ms = epochMs(value)
  if (ms === undefined) return String(value)
  return Number.isFinite(new Date(ms).getTime()) ? new Date(ms).toISOString() : null
}

/** Milliseconds since 1970 if the value is a timestamp. */
function epochMs(value: DuckDBValue): number | undefined {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return floorMs(value.micros, 1000n)
  if (value instanceof DuckDBTimestampNanosecondsValue) return floorMs(value.nanos, 1_000_000n)
  if (value instanceof DuckDBTimestampMillisecondsValue) return Number(value.millis)
  if (value instanceof DuckDBTimestampSecondsValue) return Number(value.seconds) * 1000
  return undefined
}

/** Rounds toward the past even before 1970, where a bigint division would round toward 1970. */
function floorMs(ticks: bigint, perMs: bigint): number {
  const rest = ((ticks % perMs) + perMs) % perMs
  return Number((ticks - rest) / perMs)
}
