import type { ColumnType, Schema, Table, TableName } from '#lib/core/table.ts'
import {
  allNamed,
  bound,
  exact,
  joined,
  likeText,
  named,
  type Place,
  type Sql,
  schemaPath,
  sql,
  tableName,
  typeOf,
} from '#lib/warehouse/snowflake/sql.ts'

/**
 * Lists a schema's tables with their comments. Unlike INFORMATION_SCHEMA, SHOW needs no virtual warehouse
 * (https://docs.snowflake.com/en/sql-reference/info-schema#considerations-for-replacing-show-commands-with-information-schema-views).
 */
export function showTables(place: Place, schema: Schema): Sql {
  return sql`SHOW TABLES IN SCHEMA ${schemaPath(place, schema)}`
}

/** Lists a schema's tables and views. */
export function showObjects(place: Place, schema: Schema): Sql {
  return sql`SHOW OBJECTS IN SCHEMA ${schemaPath(place, schema)}`
}

/** Lists a schema's views with their comments. */
export function showViews(place: Place, schema: Schema): Sql {
  return sql`SHOW VIEWS IN SCHEMA ${schemaPath(place, schema)}`
}

/** Replaces the view if there is one. Its SELECT names tables within the database, so that a copy of it works alone. */
export function createView(place: Place, view: TableName, select: Sql): Sql {
  return sql`CREATE OR REPLACE VIEW ${tableName(place, view)} COMMENT = 'Tracklake' AS ${select}`
}

export function dropTable(place: Place, table: TableName): Sql {
  return sql`DROP TABLE IF EXISTS ${tableName(place, table)}`
}

export function dropView(place: Place, view: TableName): Sql {
  return sql`DROP VIEW IF EXISTS ${tableName(place, view)}`
}

/** No rows: only which columns a SELECT gives. */
export function shapeOf(select: Sql): Sql {
  return sql`SELECT * FROM (${select}) shape LIMIT 0`
}

/** Replaces all rows of a table in one statement that, unlike DDL, can be part of a transaction. */
export function replaceRows(place: Place, table: TableName, columns: string[], select: Sql): Sql {
  return sql`INSERT OVERWRITE INTO ${tableName(place, table)} (${allNamed(columns)}) ${select}`
}

/** Lists the columns of all tables in a schema, or of one table. */
export function showColumns(place: Place, schema: Schema, table?: string): Sql {
  return table === undefined
    ? sql`SHOW COLUMNS IN SCHEMA ${schemaPath(place, schema)}`
    : sql`SHOW COLUMNS IN TABLE ${tableName(place, { schema, name: table })}`
}

/** Lists the schemas of the database whose names start with that of the raw tables. */
export function showSchemas(place: Place): Sql {
  return sql`SHOW SCHEMAS LIKE ${likeText(place.schema, 'start')} IN DATABASE ${exact(place.database)}`
}

/**
 * Fails if a table with this name exists, because it may not be ours. Turns off an account's default collation, because
 * Spotify's ids may differ only in case.
 */
export function createTable(place: Place, table: Table): Sql {
  const columns = Object.entries(table.columns).map(([name, type]) => sql`${named(name)} ${typeOf(type)}`)
  return sql`CREATE TABLE ${tableName(place, table)} (${joined(columns, ', ')})
    DEFAULT_DDL_COLLATION = '' COMMENT = 'Tracklake'`
}

/** Gives a table another name in the same schema. */
export function renameTable(place: Place, from: TableName, to: TableName): Sql {
  return sql`ALTER TABLE ${tableName(place, from)} RENAME TO ${tableName(place, to)}`
}

/** Adds all of the columns with one statement. */
export function addColumns(place: Place, table: Table, columns: [string, ColumnType][]): Sql {
  const added = columns.map(([name, type]) => sql`${named(name)} ${typeOf(type)}`)
  return sql`ALTER TABLE ${tableName(place, table)} ADD COLUMN ${joined(added, ', ')}`
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
