import type { DuckDBConnection } from '@duckdb/node-api'
import { Stop } from '#lib/core/errors.ts'
import type { Json } from '#lib/core/table.ts'
import { all } from './statements.ts'

/**
 * What a question may call. A SELECT can do harm through functions: `enable_logging` of DuckDB 1.5 breaks the open
 * database and in the end aborts the process, `checkpoint` blocks writers, `query` hides SQL in a text.
 */
const TABLE_FUNCTIONS = new Set(['range', 'generate_series', 'unnest', 'json_each', 'json_tree', 'generate_subscripts'])
const FORBIDDEN_FUNCTIONS = new Set(['write_log', 'sleep_ms', 'pg_sleep', 'nextval', 'setseed', 'current_setting'])

const LONGEST_SQL = 64 * 1024
const MOST_KNOWN = 500
const known = new Set<string>()

/**
 * Lets one SELECT without harmful functions pass, judged by DuckDB's own parser.
 * @throws Stop that names what is not allowed
 */
export async function checkQuestion(connection: DuckDBConnection, sql: string): Promise<void> {
  if (known.has(sql)) return
  if (sql.length > LONGEST_SQL) throw refused('is longer than 64 KB')
  const [row = []] = await all(connection, 'select json_serialize_sql(?::varchar)', [sql])
  const tree: Parsed = JSON.parse(String(row[0]))
  if (tree.error) throw refused(tree.error_message ?? 'cannot be read')
  if (tree.statements?.length !== 1) throw refused('must be one statement')
  checkFunctions(tree.statements)
  if (known.size >= MOST_KNOWN) known.clear()
  known.add(sql)
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
    if (isTable ? !TABLE_FUNCTIONS.has(name) : FORBIDDEN_FUNCTIONS.has(name)) throw refused(`may not call ${name}()`)
  }
  for (const [name, child] of Object.entries(node))
    checkFunctions(child, node.type === 'TABLE_FUNCTION' && name === 'function')
}

function refused(why: string): Stop {
  return new Stop(`The question ${why}`, { remedy: 'Ask with a single SELECT that reads tables of this warehouse.' })
}
