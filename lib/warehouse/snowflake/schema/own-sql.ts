import type { Table } from '#lib/core/table.ts'
import {
  allNamed,
  bound,
  joined,
  type Place,
  type Sql,
  sentCells,
  sql,
  tableName,
} from '#lib/warehouse/snowflake/sql.ts'

/** The comment that marks every table of Tracklake. */
export const COMMENT = 'Tracklake'

/** Who owns the schema: one row, created once. */
export const OWNER_TABLE = { schema: 'raw', name: 'tracklake_owner' } as const

/** Which reads are loaded. Makes a load repeatable by its read id. */
export const LEDGER_TABLE = {
  schema: 'raw',
  name: 'tracklake_loads',
  columns: {
    read_id: 'text',
    stream: 'text',
    table_name: 'text',
    run_id: 'text',
    rows_new: 'integer',
    rows_changed: 'integer',
    rows_unchanged: 'integer',
    rows_removed: 'integer',
    loaded_at: 'timestamp',
    source: 'text',
  },
  key: ['read_id', 'table_name'],
} satisfies Table

/** A plain CREATE TABLE, so that only one of two simultaneous claims succeeds. */
export function createOwner(place: Place): Sql {
  return sql`CREATE TABLE ${tableName(place, OWNER_TABLE)}
    ("INSTANCE_ID" VARCHAR, "ACCOUNT_ID" VARCHAR, "CLAIMED_AT" TIMESTAMP_NTZ(3))
    DEFAULT_DDL_COLLATION = '' COMMENT = 'Tracklake'`
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

/** One read that was loaded into one table: a value for each column of the ledger. */
export type LedgerEntry = Record<keyof typeof LEDGER_TABLE.columns, string | number>

/** Writes the ledger entries of a session. Skips existing ones, so that a retry duplicates nothing. */
export function insertEntries(place: Place, entries: LedgerEntry[]): Sql {
  const names = Object.keys(LEDGER_TABLE.columns) as (keyof LedgerEntry)[]
  const rows = entries.map((entry) => names.map((name) => entry[name]))
  return sql`INSERT INTO ${tableName(place, LEDGER_TABLE)} (${allNamed(names)})
    SELECT n.* FROM (
      SELECT ${joined(sentCells(LEDGER_TABLE.columns, 0), ', ')}
      FROM TABLE(FLATTEN(INPUT => PARSE_JSON(${bound(JSON.stringify(rows))}))) f
    ) n WHERE NOT EXISTS (
      SELECT 1 FROM ${tableName(place, LEDGER_TABLE)} l
      WHERE l."READ_ID" = n."READ_ID" AND l."TABLE_NAME" = n."TABLE_NAME"
    )`
}
