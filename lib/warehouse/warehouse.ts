import type { Cell, Columns, LoadCounts, LoadMode, Row, Schema, Table, TableName } from '#lib/core/table.ts'
import type { WarehouseKind } from './facts.ts'

/**
 * A second table that keeps what the first one overwrites.
 * `daily`: the rows of the load replace the partition `day` of `table`, which has the first table's columns plus `day`.
 * `changes`: one row per key that appeared or disappeared (key…, `change` added|removed, `seen_at`, carried columns).
 * With `by`, these columns take the place of the key, and `copies` says by how much the number of rows that have them
 * rose or fell: a row that only moved is no change. Rows with a null in them are ignored. Only for loads that replace rows.
 */
export type History =
  | { kind: 'daily'; table: Table; day: string }
  | { kind: 'changes'; table: Table; seenAt: string; carry: string[]; by?: string[] }

/**
 * Existing rows that stay although they did not arrive, because the source listed them without content. Only loads that
 * replace rows can have them. Such a row is marked with the time since which it has been withheld.
 */
export interface KeptRows {
  /** A timestamp column: the mark. Null in rows that arrive. */
  mark: string
  /** The mark for rows without one, ISO 8601. */
  since: string
  /** Which missing rows stay: all of them, or those already marked. */
  missing: 'all' | 'marked' | 'none'
  /** The timestamp column that spans are about. */
  column: string
  /** Further rows that stay. Disjoint; filled while the rows are consumed. */
  spans: KeptSpan[]
}

/** Rows between two times, inclusive; null means open. With `key`, only the row with these key cells. */
export interface KeptSpan {
  from: string | null
  until: string | null
  key?: Row
}

/** One complete read to load into one table. */
export interface Load {
  /** Makes the load repeatable: a read loads once, and repeating it returns the first counts. */
  readId: string
  runId: string
  stream: string
  table: Table
  mode: LoadMode
  /** Batches of rows with exactly the table's columns. If several rows have the same key, the last one wins; with `append`, the first one. */
  rows: AsyncIterable<Row[]>
  /** `replace part` only: the column and the parts to replace. A part without rows becomes empty. */
  parts?: { column: string; values: string[] }
  /** `replace part` without rows: the column of the parts doesn't have to be in the key then. */
  onlyRemoves?: boolean
  kept?: KeptRows
  history?: History
  /** The table already holds a newer read, so only a daily history takes these rows. A changes history does not. */
  historyOnly?: boolean
}

/** A table's row count and one number computed from all its keys: equal if two warehouses hold the same keys. */
export interface Digest {
  rows: number
  keys: string
}

/** A listener's warehouse. Every method has a deadline and throws the failures of lib/core/errors. */
export interface Warehouse {
  readonly kind: WarehouseKind
  /** Atomic and idempotent by read id. Identical content runs no writing statement on the table. */
  load(load: Load): Promise<LoadCounts>
  /**
   * Runs one read-only SELECT. Write table names with `table()`; values are bound to `?`.
   * @returns at most `limit` rows: names in lower case, timestamps as ISO text, counts as numbers
   */
  query(sql: string, values: Cell[], options?: { limit?: number; deadlineMs?: number }): Promise<Row[]>
  /** The quoted, fully qualified name of a table. */
  table(schema: Schema, name: string): string
  /** Which of the named tables exist. */
  existing(schema: Schema, names: string[]): Promise<string[]>
  /** A digest of each table by name, null where there is no such table. Equal keys give equal digests in every engine. */
  digests(tables: Table[]): Promise<Record<string, Digest | null>>
  /**
   * Makes the ledger of loads durable, in engines that do not write it together with the rows. Only then does a read
   * count as loaded; loading it again after an earlier crash changes nothing.
   */
  flush(): Promise<void>
  close(): Promise<void>
}

/** Runs one of our own statements with values bound to `?`, and returns its result, which must be small. */
export type RunStatement = (sql: string, values?: Cell[]) => Promise<Row[]>

/** A table or view that a warehouse has, with all its columns. */
export interface CatalogEntry {
  schema: Schema
  name: string
  isView: boolean
  columns: Columns
}

/** How large a table is. */
export interface TableSize {
  rows: number
  /** Of the file's blocks that hold its rows; what a later load shares with it counts for both. */
  bytes: number
}

/** The copy that this instance keeps of a listener's tables. `close` lets the file go; the next use opens it again. */
export interface EmbeddedWarehouse extends Warehouse {
  /**
   * Runs statements that may write, as one transaction: everything is committed, or nothing. Readers see the old tables
   * until then. Never for SQL that a person typed.
   * @param tables created first if they are missing; columns that they lack are added
   */
  build<T>(tables: Table[], work: (run: RunStatement) => Promise<T>): Promise<T>
  /** All rows of a table as they are at one moment, in batches; none where there is no such table. */
  rowsOf(table: Table): AsyncIterable<Row[]>
  /** Removes a table; none is fine too. */
  drop(table: Pick<Table, 'schema' | 'name'>): Promise<void>
  /** Copies everything as it is at one moment to `path`, in a child process. Loads wait meanwhile, queries don't. */
  snapshot(path: string): Promise<void>
  /** Every table and view of the listener's schemas, whether this version knows it or not, by schema and name. */
  catalog(): Promise<CatalogEntry[]>
  /** The sizes of tables that exist, in their order. Views have none. */
  sizes(tables: Pick<Table, 'schema' | 'name'>[]): Promise<TableSize[]>
  /** Removes the warehouse and everything in it. */
  erase(): Promise<void>
}

/** A table or view that is computed from other tables of its warehouse. */
export interface Relation extends TableName {
  isView: boolean
  /** The SELECT that gives all of its rows. */
  select: string
  /** A statement that runs after a table was written; null if there is none. */
  after: string | null
}

/** Relations to write, each after those it selects from. */
export interface RelationsBuild {
  /** Changes when the relations change. */
  version: string
  /** The tables that they select from, which are created where they are missing. */
  sources: Table[]
  relations: Relation[]
}

/** A warehouse in an account of the listener's own, used in sessions. `close` ends the session and never throws. */
export interface ExternalWarehouse extends Warehouse {
  /** Renames a table that Tracklake made; none is fine too. @throws Stop when the table is not ours */
  rename(table: TableName, name: string): Promise<void>
  /** The quoted name of a table within the warehouse's database, for the SQL of `build`. */
  nameInDatabase(schema: Schema, name: string): string
  /**
   * Writes relations from the start. Readers see the rows of the last build until all tables are written; if it fails,
   * they stay. What is named in `version` for the first time is declared before that, and what is gone is dropped.
   * @throws Stop when a table or view with one of the names is not ours
   */
  build(relations: RelationsBuild): Promise<void>
  /** What the session has cost so far. */
  usage(): WarehouseUsage
}

/** What a session with an external warehouse cost. */
export interface WarehouseUsage {
  statements: number
  /** HTTP requests: sign-in, statements, polls, sign-out. */
  roundTrips: number
  /** Bytes of statements, bound values and uploaded files. */
  bytes: number
  /** From the first statement that needs the warehouse to the end of the last one, milliseconds. */
  warehouseMs: number
}

/**
 * What a session learned about the tables it made or checked, so that the next one looks up nothing twice. Plain JSON;
 * the caller stores it, the warehouse changes it.
 */
export type WarehouseMemory = Record<string, string>
