import type { DuckDBConnection } from '@duckdb/node-api'
import { LRUCache } from 'lru-cache'
import type { Json } from '#lib/core/table.ts'
import { checkLength, refusedQuery } from '#lib/warehouse/check-load.ts'
import { all } from './statements.ts'

/**
 * The functions a query may call. Even a SELECT can do harm through functions: in DuckDB 1.5 `enable_logging` breaks the open database
 * and eventually aborts the process, `checkpoint` blocks writers and `query` hides SQL in a string.
 */
const TABLE_FUNCTIONS = new Set(['range', 'generate_series', 'unnest', 'json_each', 'json_tree', 'generate_subscripts'])
const FORBIDDEN_FUNCTIONS = new Set(['write_log', 'sleep_ms', 'pg_sleep', 'nextval', 'setseed', 'current_setting'])

const MAX_KNOWN = 500
const known = new LRUCache<string, true>({ max: MAX_KNOWN })

/**
 * Accepts one SELECT without harmful functions, using DuckDB's own parser.
 * @throws Stop that names what is not allowed
 */
export async function checkReadOnly(connection: DuckDBConnection, sql: string): Promise<void> {
  if (known.has(sql)) return
  checkLength(sql)
  const [row = []] = await all(connection, 'select json_serialize_sql(?::varchar)', [sql])
  const tree: Parsed = JSON.parse(String(row[0]))
  if (tree.error) throw refusedQuery(tree.error_message ?? 'cannot be parsed')
  if (tree.statements?.length !== 1) throw refusedQuery('must be one statement')
  checkFunctions(tree.statements)
  known.set(sql, true)
}

interface Parsed {
  error: boolean
  error_message?: string
  statements?: Json[]
}

function checkFunctions(node: Json, isTable = false): void {
  if (node === null || typeof node !== 'object') return
  if (Array.isArray(node)) {
    for (const child of node) checkFunctions(child)
    return
  }
  if (typeof node.function_name === 'string') {
    const name = node.function_name.toLowerCase()
    if (isTable ? !TABLE_FUNCTIONS.has(name) : FORBIDDEN_FUNCTIONS.has(name))
      throw refusedQuery(`may not call ${name}()`)
  }
  for (const [name, child] of Object.entries(node))
    checkFunctions(child, node.type === 'TABLE_FUNCTION' && name === 'function')
}
