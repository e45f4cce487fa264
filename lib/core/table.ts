/** Types that the stages pass to each other. The browser may use them too. */

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/**
 * What a column holds. `timestamp`: ISO 8601 UTC with milliseconds; `date`: `YYYY-MM-DD`;
 * `integer`: within ±2^53; `json`: any JSON value (VARIANT in Snowflake).
 */
export type ColumnType = 'text' | 'integer' | 'double' | 'boolean' | 'timestamp' | 'date' | 'json'

export type Columns = Record<string, ColumnType>

export type Cell = Json

export type Row = Record<string, Cell>

/** The logical schemas of a warehouse, in the order data passes through them. Each engine maps them to names of its own. */
export const SCHEMAS = ['raw', 'staging', 'analytical', 'reporting'] as const
export type Schema = (typeof SCHEMAS)[number]

export interface Table {
  schema: Schema
  name: string
  columns: Columns
  /** The columns that identify a row; must not be empty. */
  key: string[]
}

/** A table by its name alone. */
export type TableName = Pick<Table, 'schema' | 'name'>

/**
 * How rows are combined with what is already in the table. `fill`: like `merge`, but a null never replaces a value.
 * `fill gaps`: in addition, values stay; for rows that are older than what the table has.
 */
export type LoadMode = 'overwrite' | 'append' | 'merge' | 'fill' | 'fill gaps' | 'replace part'

/** What a load did to the table, by key and content. `synced_at` and `run_id` never count as a change. */
export interface LoadCounts {
  new: number
  changed: number
  unchanged: number
  removed: number
}

export const NO_COUNTS: LoadCounts = { new: 0, changed: 0, unchanged: 0, removed: 0 }
