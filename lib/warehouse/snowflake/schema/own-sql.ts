import { bound, joined, named, type Place, type Sql, sql, tableName } from '#lib/warehouse/snowflake/sql.ts'

/** The comment that marks every table of Tracklake. */
export const COMMENT = 'Tracklake'

/** Who owns the schema: one row, created once. */
export const OWNER_TABLE = { schema: 'raw', name: 'tracklake_owner' } as const

/** Which reads are loaded. Makes a load repeatable by its read id. */
export const LEDGER_TABLE = { schema: 'raw', name: 'tracklake_loads' } as const

/** A plain CREATE TABLE, so that only one of two simultaneous claims succeeds. */
export function createOwner(place: Place): Sql {
  return sql`CREATE TABLE ${tableName(place, OWNER_TABLE)}
    ("INSTANCE_ID" VARCHAR, "ACCOUNT_ID" VARCHAR, "CLAIMED_AT" TIMESTAMP_NTZ(3)) COMMENT = 'Tracklake'`
}

export function createLedger(place: Place): Sql {
  return sql`CREATE TABLE IF NOT EXISTS ${tableName(place, LEDGER_TABLE)} ("READ_ID" VARCHAR, "STREAM" VARCHAR,
    "TABLE_NAME" VARCHAR, "RUN_ID" VARCHAR, "ROWS_NEW" NUMBER(38,0), "ROWS_CHANGED" NUMBER(38,0),
    "ROWS_UNCHANGED" NUMBER(38,0), "ROWS_REMOVED" NUMBER(38,0), "LOADED_AT" TIMESTAMP_NTZ(3), "SOURCE" VARCHAR)
    COMMENT = 'Tracklake'`
}

/** Does nothing if the schema is claimed already. Uses Snowflake's clock, which all claims share. */
export function insertOwner(place: Place, instanceId: string, accountId: string): Sql {
  return sql`INSERT INTO ${tableName(place, OWNER_TABLE)} ("INSTANCE_ID", "ACCOUNT_ID", "CLAIMED_AT")
    SELECT ${bound(instanceId)}, ${bound(accountId)}, SYSDATE()
    WHERE NOT EXISTS (SELECT 1 FROM ${tableName(place, OWNER_TABLE)})`
}

/** The same listener takes the schema over with another instance, for example after a reinstallation. */
export function updateOwner(place: Place, instanceId: string, accountId: string): Sql {
  return sql`UPDATE ${tableName(place, OWNER_TABLE)} SET "INSTANCE_ID" = ${bound(instanceId)}
    WHERE "ACCOUNT_ID" = ${bound(accountId)}`
}

/** The owner. If two claimed at the same time, the first one. */
export function selectOwner(place: Place): Sql {
  return sql`SELECT "INSTANCE_ID", "ACCOUNT_ID" FROM ${tableName(place, OWNER_TABLE)}
    ORDER BY "CLAIMED_AT", "ACCOUNT_ID", "INSTANCE_ID" LIMIT 1`
}

/** The first statement of a session: the owner and the newest ledger entries, or one row without an entry. */
export function openingSelect(place: Place): Sql {
  return sql`SELECT o."INSTANCE_ID", o."ACCOUNT_ID", l."READ_ID", l."TABLE_NAME", l."ROWS_NEW", l."ROWS_CHANGED",
    l."ROWS_UNCHANGED", l."ROWS_REMOVED" FROM (${selectOwner(place)}) o LEFT JOIN (
      SELECT * FROM ${tableName(place, LEDGER_TABLE)} ORDER BY "LOADED_AT" DESC LIMIT 2000
    ) l ON TRUE`
}

/** One read that was loaded into one table. */
export interface LedgerEntry {
  readId: string
  stream: string
  table: string
  runId: string
  new: number
  changed: number
  unchanged: number
  removed: number
  /** Milliseconds since 1970. */
  loadedAt: number
  source: string
}

/** Writes the ledger entries of a session. Skips existing ones, so that a retry duplicates nothing. */
export function insertEntries(place: Place, entries: LedgerEntry[]): Sql {
  const columns = ['READ_ID', 'STREAM', 'TABLE_NAME', 'RUN_ID', ...COUNTS, 'LOADED_AT', 'SOURCE'].map((name) =>
    named(name),
  )
  const rows = entries.map((entry) => [
    entry.readId,
    entry.stream,
    entry.table,
    entry.runId,
    entry.new,
    entry.changed,
    entry.unchanged,
    entry.removed,
    entry.loadedAt,
    entry.source,
  ])
  return sql`INSERT INTO ${tableName(place, LEDGER_TABLE)} (${joined(columns, ', ')})
    SELECT n.* FROM (
      SELECT GET(f.VALUE, 0)::VARCHAR AS "READ_ID", GET(f.VALUE, 1)::VARCHAR AS "STREAM",
      GET(f.VALUE, 2)::VARCHAR AS "TABLE_NAME", GET(f.VALUE, 3)::VARCHAR AS "RUN_ID",
      GET(f.VALUE, 4)::NUMBER(38,0) AS "ROWS_NEW", GET(f.VALUE, 5)::NUMBER(38,0) AS "ROWS_CHANGED",
      GET(f.VALUE, 6)::NUMBER(38,0) AS "ROWS_UNCHANGED", GET(f.VALUE, 7)::NUMBER(38,0) AS "ROWS_REMOVED",
      TO_TIMESTAMP_NTZ(GET(f.VALUE, 8)::NUMBER(38,0), 3) AS "LOADED_AT", GET(f.VALUE, 9)::VARCHAR AS "SOURCE"
      FROM TABLE(FLATTEN(INPUT => PARSE_JSON(${bound(JSON.stringify(rows))}))) f
    ) n WHERE NOT EXISTS (
      SELECT 1 FROM ${tableName(place, LEDGER_TABLE)} l
      WHERE l."READ_ID" = n."READ_ID" AND l."TABLE_NAME" = n."TABLE_NAME"
    )`
}

const COUNTS = ['ROWS_NEW', 'ROWS_CHANGED', 'ROWS_UNCHANGED', 'ROWS_REMOVED']
