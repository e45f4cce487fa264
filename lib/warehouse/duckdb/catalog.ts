import type { DuckDBConnection } from '@duckdb/node-api'
import { type Columns, type ColumnType, SCHEMAS, type Schema, type Table } from '#lib/core/table.ts'
import type { CatalogEntry, TableSize } from '#lib/warehouse/warehouse.ts'
import { all, counts, inTransaction } from './statements.ts'
import { qualified } from './tables.ts'

/** What the columns of models can have besides the types of loaded tables (SQL_TYPES), as `toCell` returns them. */
const COLUMN_TYPES: [pattern: RegExp, type: ColumnType][] = [
  [/\[\d*\]$|^(STRUCT|MAP|UNION)\b|^JSON$/, 'json'],
  // Sums are HUGEINT, however small.
  [/^(U?(TINYINT|SMALLINT|INTEGER|HUGEINT)|BIGINT)$/, 'integer'],
  // Hashes don't fit into the signed 64 bits of most programs.
  [/^UBIGINT$/, 'double'],
  [/^(DOUBLE|FLOAT|DECIMAL\b.*)$/, 'double'],
  [/^BOOLEAN$/, 'boolean'],
  [/^TIMESTAMP/, 'timestamp'],
  [/^DATE$/, 'date'],
]

/** The type of a column by DuckDB's name of it. Whatever else there is arrives as text. */
export function columnTypeOf(sqlType: string): ColumnType {
  return COLUMN_TYPES.find(([pattern]) => pattern.test(sqlType))?.[1] ?? 'text'
}

const ORDER = new Map<string, number>(SCHEMAS.map((schema, index) => [schema, index]))
const isSchema = (name: string): name is Schema => ORDER.has(name)

/** All tables and views of the listener's schemas, in the order of SCHEMAS. */
export async function readCatalog(connection: DuckDBConnection): Promise<CatalogEntry[]> {
  const rows = await all(
    connection,
    `select c.schema_name, c.table_name, v.view_name is not null, c.column_name, c.data_type
     from duckdb_columns() c
     left join duckdb_views() v
       on v.database_name = c.database_name and v.schema_name = c.schema_name and v.view_name = c.table_name
     where c.database_name = current_database() and not c.internal
     order by c.schema_name, c.table_name, c.column_index`,
  )
  const entries = new Map<string, CatalogEntry>()
  for (const [schema, name, isView, column, type] of rows.map((row) => row.map(String))) {
    if (!schema || !name || !column || !isSchema(schema)) continue
    const entry = entries.get(`${schema}.${name}`) ?? {
      schema,
      name,
      isView: isView === 'true',
      columns: {} as Columns,
    }
    entry.columns[column] = columnTypeOf(type ?? '')
    entries.set(`${schema}.${name}`, entry)
  }
  return [...entries.values()].sort((one, other) => (ORDER.get(one.schema) ?? 0) - (ORDER.get(other.schema) ?? 0))
}

/** Row counts, and how much of the file holds them. A block that is only in the log so far counts nothing. */
export function readSizes(
  connection: DuckDBConnection,
  tables: Pick<Table, 'schema' | 'name'>[],
): Promise<TableSize[]> {
  return inTransaction(connection, 'begin transaction read only', async () => {
    const [blockSize = 0] = await counts(connection, 'select block_size from pragma_database_size()')
    const sizes: TableSize[] = []
    for (const table of tables) {
      const name = qualified(table)
      const [rows = 0, blocks = 0] = await counts(
        connection,
        `select (select count(*) from ${name}), count(distinct block_id) from pragma_storage_info('${name.replaceAll("'", "''")}')
         where persistent`,
      )
      sizes.push({ rows, bytes: blocks * blockSize })
    }
    return sizes
  })
}
