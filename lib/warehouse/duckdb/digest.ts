import type { DuckDBConnection } from '@duckdb/node-api'
import type { ColumnType, Table } from '#lib/core/table.ts'
import { quote } from '#lib/warehouse/identifiers.ts'
import type { Digest } from '#lib/warehouse/warehouse.ts'
import { all } from './statements.ts'
import { qualified, tableExists } from './tables.ts'

/** A key cell as text, identical in every engine. */
const KEY_TEXTS: Record<ColumnType, (name: string) => string> = {
  text: (name) => name,
  integer: (name) => `${name}::varchar`,
  double: (name) => `${name}::varchar`,
  boolean: (name) => `${name}::varchar`,
  timestamp: (name) => `epoch_ms(${name})::varchar`,
  date: (name) => `${name}::varchar`,
  json: (name) => `${name}::varchar`,
}

/** Each table's row count and the sum of the lower MD5 halves of its keys; null where there is no such table. */
export async function digestTables(
  connection: DuckDBConnection,
  tables: Table[],
  signal: AbortSignal,
): Promise<Record<string, Digest | null>> {
  const digests: Record<string, Digest | null> = {}
  for (const table of tables) {
    signal.throwIfAborted()
    digests[table.name] = (await tableExists(connection, table)) ? await digest(connection, table) : null
  }
  return digests
}

async function digest(connection: DuckDBConnection, table: Table): Promise<Digest> {
  const key = table.key.map((name) => KEY_TEXTS[table.columns[name] ?? 'text'](quote(name))).join(' || chr(31) || ')
  const [row = []] = await all(
    connection,
    `select count(*), coalesce(sum(('0x' || right(md5(${key}), 16))::ubigint), 0)::varchar from ${qualified(table)}`,
  )
  return { rows: Number(row[0]), keys: String(row[1]) }
}
