import {
  DuckDBDateValue,
  DuckDBDecimalType,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api'
import { unsupported } from '#testing/snowflake/sql/failure.ts'
import { decodeCase } from '#testing/snowflake/sql/names.ts'

/** A result column in the form that the driver expects. */
export interface Column {
  name: string
  type: 'fixed' | 'real' | 'text' | 'boolean' | 'date' | 'timestamp_ntz' | 'variant'
  nullable: boolean
  scale: number | null
  precision: number | null
  length: number | null
}

/** A result in wire format: every cell is text or null. */
export interface ResultSet {
  columns: Column[]
  rows: (string | null)[][]
}

const WHOLE = new Set<DuckDBTypeId>([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
])

export function columnOf(name: string, type: DuckDBType | undefined): Column {
  const column = { name: decodeCase(name), nullable: true, scale: null, precision: null, length: null }
  if (type === undefined || type.typeId === DuckDBTypeId.SQLNULL) return { ...column, type: 'text' }
  if (type instanceof DuckDBDecimalType) return { ...column, type: 'fixed', scale: type.scale, precision: type.width }
  if (WHOLE.has(type.typeId)) return { ...column, type: 'fixed', scale: 0, precision: 38 }
  if (type.typeId === DuckDBTypeId.DOUBLE || type.typeId === DuckDBTypeId.FLOAT) return { ...column, type: 'real' }
  if (type.typeId === DuckDBTypeId.BOOLEAN) return { ...column, type: 'boolean' }
  if (type.typeId === DuckDBTypeId.DATE) return { ...column, type: 'date' }
  if (type.typeId === DuckDBTypeId.TIMESTAMP) return { ...column, type: 'timestamp_ntz', scale: 3 }
  if (type.typeId === DuckDBTypeId.VARCHAR)
    return type.alias === 'JSON' ? { ...column, type: 'variant' } : { ...column, type: 'text', length: 16_777_216 }
  throw unsupported(`a column of DuckDB's type ${type}`)
}

export function encode(cell: DuckDBValue, type: Column['type'] | undefined): string | null {
  if (cell === null) return null
  if (cell instanceof DuckDBDateValue) return String(cell.days)
  if (cell instanceof DuckDBTimestampValue) return secondsOf(cell.micros)
  if (typeof cell === 'boolean') return cell ? '1' : '0'
  if (type === 'real') return Object.is(cell, -0) ? '-0' : String(cell)
  return String(cell)
}

// Seconds since 1970 with three decimals.
function secondsOf(micros: bigint): string {
  const milliseconds = micros / 1000n
  const size = milliseconds < 0n ? -milliseconds : milliseconds
  const text = `${size / 1000n}.${String(size % 1000n).padStart(3, '0')}`
  return milliseconds < 0n ? `-${text}` : text
}

export function textColumn(name: string): Column {
  return { name, type: 'text', nullable: true, scale: null, precision: null, length: 16_777_216 }
}

function countColumn(name: string): Column {
  return { name, type: 'fixed', nullable: false, scale: 0, precision: 19, length: null }
}

/** The result of DDL. */
export function status(text: string): ResultSet {
  return { columns: [textColumn('status')], rows: [[text]] }
}

/** The result of DML: one row of counts. */
export function countsResult(counts: Record<string, number>): ResultSet {
  return {
    columns: Object.keys(counts).map(countColumn),
    rows: [Object.values(counts).map(String)],
  }
}
