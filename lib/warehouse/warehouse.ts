import type { Cell, LoadCounts, LoadMode, Row, Schema, Table } from '#lib/core/table.ts'

/**
 * A second table that remembers what the first one forgets.
 * `daily`: the rows of the load replace the partition `day` of `table` (its columns are the first table's plus `day`).
 * `changes`: one row per key that appeared or went, (key…, `change` added|removed, `seen_at`, carried columns).
 */
export type History =
  | { kind: 'daily'; table: Table; day: string }
  | { kind: 'changes'; table: Table; seenAt: string; carry: string[] }

/** One complete read on its way into one table. */
export interface Load {
  /** Makes the load repeatable: the same read loads once, a repetition answers the first counts. */
  readId: string
  runId: string
  stream: string
  table: Table
  mode: LoadMode
  /** Batches of rows that have exactly the table's columns. Among rows of one key the last one wins. */
  rows: AsyncIterable<Row[]>
  /** `replace part` only: the column and the parts that the rows replace; a part without rows becomes empty. */
  parts?: { column: string; values: string[] }
  history?: History
  /** The table already holds a newer read: only a daily history takes these rows; what changed then is unknown. */
  historyOnly?: boolean
}

/** How many rows a table has, and one number over all their keys: equal where two warehouses hold the same keys. */
export interface Digest {
  rows: number
  keys: string
}

/** A listener's warehouse. Every method has a deadline; failures are of lib/errors. */
export interface Warehouse {
  readonly kind: 'duckdb' | 'snowflake'
  /** Atomic, idempotent by read id. Identical content runs no writing statement on the table. */
  load(load: Load): Promise<LoadCounts>
  /**
   * Runs one read-only SELECT. Table names are written with `table()`; values are bound to `?`.
   * @returns at most `limit` rows, names in lower case, timestamps as ISO text, counts as numbers.
   */
  ask(sql: string, values: Cell[], options?: { limit?: number; deadlineMs?: number }): Promise<Row[]>
  /** The quoted, fully qualified name of a table. */
  table(schema: Schema, name: string): string
  /** Which of the named tables exist. */
  existing(schema: Schema, names: string[]): Promise<string[]>
  /** What each table holds, by name; null where there is no such table. Equal keys give equal digests in every engine. */
  digests(tables: Table[]): Promise<Record<string, Digest | null>>
  /**
   * Makes the notes of loads durable, where the engine does not write them together with the rows. A read counts as
   * loaded only after it; loading it again after a crash before it changes nothing.
   */
  settle(): Promise<void>
}
