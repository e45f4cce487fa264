import type { DuckDBConnection } from '@duckdb/node-api'
import type { Table } from '#lib/core/table.ts'
import { changedColumn } from '#lib/warehouse/check-load.ts'
import { quote } from '#lib/warehouse/identifiers.ts'
import { SQL_TYPES } from './cells.ts'
import { all } from './statements.ts'

/** The quoted name of a table with its schema. */
export function qualified({ schema, name }: Pick<Table, 'schema' | 'name'>): string {
  return `${quote(schema)}.${quote(name)}`
}

/** `"name" TYPE, …` for a create statement. */
export function columnDefinitions(table: Table): string {
  return Object.entries(table.columns)
    .map(([name, type]) => `${quote(name)} ${SQL_TYPES[type]}`)
    .join(', ')
}

/**
 * Creates the table, or adds the declared columns that it is missing. A column that is no longer
 * declared stays and is null in new rows.
 * @throws Stop when a column changed its type
 */
export async function prepareTable(connection: DuckDBConnection, table: Table): Promise<void> {
  const existing = await existingColumns(connection, table)
  if (existing.size === 0) {
    await connection.run(`create schema if not exists ${quote(table.schema)}`)
    await connection.run(`create table ${qualified(table)} (${columnDefinitions(table)})`)
    return
  }
  for (const [name, type] of Object.entries(table.columns)) {
    const heldType = existing.get(name)
    if (heldType === undefined)
      await connection.run(`alter table ${qualified(table)} add column ${quote(name)} ${SQL_TYPES[type]}`)
    else if (heldType !== SQL_TYPES[type]) throw changedColumn(table, name, heldType, SQL_TYPES[type])
  }
}

export async function tableExists(connection: DuckDBConnection, table: Table): Promise<boolean> {
  return (await existingColumns(connection, table)).size > 0
}

/** Names and types of the table's columns; empty when there is no such table. */
export async function existingColumns(
  connection: DuckDBConnection,
  { schema, name }: Table,
): Promise<Map<string, string>> {
  const rows = await all(
    connection,
    `select column_name, data_type from duckdb_columns()
     where database_name = current_database() and schema_name = ? and table_name = ?`,
    [schema, name],
  )
  return new Map(rows.map(([column, type]) => [String(column), String(type)]))
}
