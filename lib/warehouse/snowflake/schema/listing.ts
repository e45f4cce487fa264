import type { Schema } from '#lib/core/table.ts'
import { codeOf } from '#lib/warehouse/snowflake/driver/failures.ts'
import { rowsOf } from '#lib/warehouse/snowflake/driver/result-cells.ts'
import type { Session } from '#lib/warehouse/snowflake/driver/session.ts'
import { catalogType, type Place, type Sql, storedName } from '#lib/warehouse/snowflake/sql.ts'
import { showColumns, showTables } from './schema-sql.ts'

/** The columns of a table and their types, named as in Snowflake's catalog. */
export type ColumnTypes = Map<string, string>

// SHOW never lists more (https://docs.snowflake.com/en/sql-reference/sql/show-columns#usage-notes).
const MAX_SHOWN = 10_000
export const NO_SUCH_SCHEMA = '002043'

/** The tables of a connection's schemas as known to one session. Everything is listed once, for free. */
export type Listing = ReturnType<typeof openListing>

export function openListing(place: Place) {
  const tables = new Map<Schema, Map<string, string | null>>()
  const columns = new Map<Schema, Map<string, ColumnTypes>>()

  const forget = (schema: Schema): void => {
    tables.delete(schema)
    columns.delete(schema)
  }

  /** The tables of a schema by stored name, with their comments; none if this role can't see the schema. */
  const tablesOf = async (session: Session, schema: Schema): Promise<Map<string, string | null>> => {
    const known = tables.get(schema)
    if (known) return known
    const shown = await show(session, showTables(place, schema)).catch((error: unknown) => {
      if (codeOf(error) === NO_SUCH_SCHEMA) return []
      throw error
    })
    const found = new Map(shown.map(({ name, comment }) => [String(name), comment === null ? null : String(comment)]))
    tables.set(schema, found)
    return found
  }

  /** The columns of an existing table. */
  const columnsOf = async (session: Session, schema: Schema, table: string): Promise<ColumnTypes> => {
    let known = columns.get(schema)
    if (!known) {
      const shown = await show(session, showColumns(place, schema))
      // A truncated list is useless: it may contain only other tables of the schema.
      known = shown.length < MAX_SHOWN ? byTable(shown) : new Map()
      columns.set(schema, known)
    }
    const name = storedName(table)
    const found = known.get(name) ?? byTable(await show(session, showColumns(place, schema, table))).get(name)
    known.set(name, found ?? new Map())
    return found ?? new Map()
  }

  return {
    tablesOf,
    columnsOf,
    forget,
    /** Lists the tables again. */
    refresh(session: Session, schema: Schema) {
      forget(schema)
      return tablesOf(session, schema)
    },
    /** Remembers a table that this session created or changed. */
    remember(schema: Schema, table: string, comment: string, types: ColumnTypes): void {
      tables.get(schema)?.set(storedName(table), comment)
      columns.get(schema)?.set(storedName(table), types)
    },
  }
}

async function show(session: Session, statement: Sql) {
  return rowsOf(await session.run(statement, { limit: MAX_SHOWN }))
}

function byTable(shown: Awaited<ReturnType<typeof show>>): Map<string, ColumnTypes> {
  const found = new Map<string, ColumnTypes>()
  for (const { table_name, column_name, data_type } of shown) {
    const types = found.get(String(table_name)) ?? new Map<string, string>()
    found.set(String(table_name), types.set(String(column_name), catalogType(String(data_type))))
  }
  return found
}
