import type { ColumnType, Schema, Table } from '#lib/core/table.ts'
import {
  bound,
  exact,
  joined,
  listed,
  named,
  type Place,
  type Sql,
  schemaName,
  sql,
  storedName,
  tableName,
  typeOf,
} from '#lib/warehouse/snowflake/sql.ts'

/** The columns of the named tables in a schema: one row per column, with the table's comment. */
export function lookUp(place: Place, schema: Schema, names: string[]): Sql {
  const held = listed(names.map(storedName))
  const of = bound(schemaName(place, schema))
  return sql`SELECT t."TABLE_NAME", t."COMMENT", c."COLUMN_NAME", c."DATA_TYPE"
    FROM ${views(place)}."TABLES" t JOIN ${views(place)}."COLUMNS" c
    ON c."TABLE_SCHEMA" = t."TABLE_SCHEMA" AND c."TABLE_NAME" = t."TABLE_NAME"
    WHERE t."TABLE_SCHEMA" = ${of} AND t."TABLE_NAME" IN (${held})`
}

/** Which of the named tables exist in the schema. */
export function existingTables(place: Place, schema: Schema, names: string[]): Sql {
  return sql`SELECT t."TABLE_NAME" FROM ${views(place)}."TABLES" t
    WHERE t."TABLE_SCHEMA" = ${bound(schemaName(place, schema))} AND t."TABLE_NAME" IN (${listed(names.map(storedName))})`
}

/** Which of the named schemas this role can see in the database. */
export function existingSchemas(place: Place, names: string[]): Sql {
  return sql`SELECT s."SCHEMA_NAME" FROM ${views(place)}."SCHEMATA" s WHERE s."SCHEMA_NAME" IN (${listed(names)})`
}

export function createTable(place: Place, table: Table): Sql {
  const columns = Object.entries(table.columns).map(([name, type]) => sql`${named(name)} ${typeOf(type)}`)
  return sql`CREATE TABLE IF NOT EXISTS ${tableName(place, table)} (${joined(columns, ', ')}) COMMENT = 'Tracklake'`
}

export function addColumn(place: Place, table: Table, name: string, type: ColumnType): Sql {
  return sql`ALTER TABLE ${tableName(place, table)} ADD COLUMN IF NOT EXISTS ${named(name)} ${typeOf(type)}`
}

/**
 * Each table's row count and one number computed from all its keys: WHICH, HELD, KEYS. The number is the sum of the lower
 * halves of the keys' MD5, so the order of rows does not matter and every engine can compute it.
 */
export function digestsOf(place: Place, tables: Table[]): Sql {
  return joined(
    tables.map((table, index) => {
      const key = joined(
        table.key.map((name) => keyText(name, table.columns[name] ?? 'text')),
        ' || CHR(31) || ',
      )
      return sql`SELECT ${bound(index)} AS "WHICH", COUNT(*) AS "HELD",
        TO_VARCHAR(COALESCE(SUM(MD5_NUMBER_LOWER64(${key})), 0)) AS "KEYS" FROM ${tableName(place, table)}`
    }),
    ' UNION ALL ',
  )
}

/** A key cell as text, identical in every engine. */
function keyText(name: string, type: ColumnType): Sql {
  if (type === 'timestamp') return sql`TO_VARCHAR(DATE_PART(EPOCH_MILLISECOND, ${named(name)}))`
  if (type === 'date') return sql`TO_VARCHAR(${named(name)}, 'YYYY-MM-DD')`
  if (type === 'boolean') return sql`IFF(${named(name)}, 'true', 'false')`
  if (type === 'json') return sql`TO_JSON(${named(name)})`
  return type === 'text' ? named(name) : sql`TO_VARCHAR(${named(name)})`
}

function views({ database }: Place): Sql {
  return sql`${exact(database)}.INFORMATION_SCHEMA`
}
