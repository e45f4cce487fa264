import { BIGINT, BOOLEAN, DOUBLE, HUGEINT, VARCHAR } from '@duckdb/node-api'
import { z } from 'zod'
import { takeParameters } from '#testing/snowflake/account/parameters.ts'
import type { Session } from '#testing/snowflake/account/session.ts'
import { SnowflakeFailure, unsupported } from '#testing/snowflake/sql/failure.ts'
import { checkGrammar } from '#testing/snowflake/sql/grammar.ts'
import { Cursor, is, oneStatement, type Token, tokenize } from '#testing/snowflake/sql/tokens.ts'
import { alterTable, createTable, dropTable, use } from './ddl.ts'
import { insert, merge, remove, update } from './dml.ts'
import type { Bound, Engine } from './engine.ts'
import { Execution } from './execution.ts'
import { type ResultSet, status } from './results.ts'
import { show } from './show.ts'
import { copyInto, put, type Upload } from './staging.ts'
import { beginTransaction, endTransaction } from './transaction.ts'
import { createView, dropView } from './views.ts'

export const StatementBody = z.object({
  sqlText: z.string(),
  bindings: z.record(z.string(), z.object({ type: z.string(), value: z.string().nullable() })).default({}),
  bindStage: z.undefined({ error: 'The test server does not support values from a stage' }).optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
})

export type StatementBody = z.output<typeof StatementBody>

/** The result of a statement and its kind as the driver expects it. */
export type Outcome = { kind: number; result: ResultSet } | { kind: number; upload: Upload }

const KNOWN_PARAMETERS = new Set([
  'QUERY_TAG',
  'STATEMENT_TIMEOUT_IN_SECONDS',
  'ROWS_PER_RESULTSET',
  'MULTI_STATEMENT_COUNT',
])

const SELECT = 0x1000
const INSERT = 0x3100
const UPDATE = 0x3200
const DELETE = 0x3300
const MERGE = 0x3400
const OTHER = 0x6000

interface StatementScope {
  engine: Engine
  stages: string
  signal: AbortSignal
  /** Learns whether the warehouse ran. */
  received: { usedWarehouse: boolean }
}

/** Runs one statement of a session. */
export async function runStatement(
  session: Session,
  body: StatementBody,
  { engine, stages, signal, received }: StatementScope,
): Promise<Outcome> {
  const unknown = Object.keys(body.parameters).find((name) => !KNOWN_PARAMETERS.has(name))
  if (unknown !== undefined) throw unsupported(`the parameter ${unknown}`)
  if (Number(body.parameters.MULTI_STATEMENT_COUNT ?? 1) !== 1) throw unsupported('several statements at once')
  const tokens = oneStatement(tokenize(body.sqlText))
  checkGrammar(body.sqlText)
  const rows = Number(body.parameters.ROWS_PER_RESULTSET ?? session.parameter('ROWS_PER_RESULTSET'))
  const limit = rows > 0 ? rows : Number.POSITIVE_INFINITY
  const execution = new Execution(session, engine, boundValues(body.bindings), limit, signal)
  try {
    return await runTokens(execution, new Cursor(asSessionReads(tokens, session)), stages)
  } finally {
    received.usedWarehouse = execution.usedWarehouse
  }
}

/** The tokens as the parameters of the session make Snowflake read them. */
export function asSessionReads(tokens: Token[], session: Session): Token[] {
  const ignoresCase = session.parameter('QUOTED_IDENTIFIERS_IGNORE_CASE') === 'TRUE'
  const mapping = session.parameter('TIMESTAMP_TYPE_MAPPING')
  return tokens.map((token) => {
    if (token.kind === 'quoted' && ignoresCase) return { ...token, text: token.text.toUpperCase() }
    return is(token, 'TIMESTAMP') ? { ...token, text: mapping } : token
  })
}

/** Runs tokens that are known to be one statement. */
export async function runTokens(execution: Execution, cursor: Cursor, stages: string): Promise<Outcome> {
  if (cursor.sees('SELECT') || cursor.sees('WITH')) return { kind: SELECT, result: await select(execution, cursor) }
  if (cursor.takes('PUT')) return { kind: OTHER, upload: await put(execution, cursor, stages) }
  if (cursor.takes('COPY', 'INTO')) return { kind: INSERT, result: await copyInto(execution, cursor, stages) }
  if (cursor.takes('INSERT')) return { kind: INSERT, result: await insert(execution, cursor) }
  if (cursor.takes('UPDATE')) return { kind: UPDATE, result: await update(execution, cursor) }
  if (cursor.takes('DELETE')) return { kind: DELETE, result: await remove(execution, cursor) }
  if (cursor.takes('MERGE')) return { kind: MERGE, result: await merge(execution, cursor) }
  return { kind: OTHER, result: await declare(execution, cursor) }
}

function declare(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  if (cursor.takes('BEGIN', 'TRANSACTION')) return beginTransaction(execution, cursor)
  if (cursor.takes('COMMIT')) return endTransaction(execution, cursor, 'COMMIT')
  if (cursor.takes('ROLLBACK')) return endTransaction(execution, cursor, 'ROLLBACK')
  if (cursor.sees('CREATE', 'VIEW') || cursor.sees('CREATE', 'OR', 'REPLACE', 'VIEW'))
    return createView(execution, cursor)
  if (cursor.sees('DROP', 'VIEW')) return dropView(execution, cursor)
  if (cursor.takes('CREATE')) return createTable(execution, cursor)
  if (cursor.takes('ALTER', 'SESSION', 'SET')) return alterSession(execution, cursor)
  if (cursor.takes('ALTER')) return alterTable(execution, cursor)
  if (cursor.takes('DROP')) return dropTable(execution, cursor)
  if (cursor.takes('USE')) return use(execution, cursor)
  if (cursor.takes('SHOW')) return show(execution, cursor)
  throw unsupported(`statements that start with ${cursor.peek()?.text}`)
}

async function alterSession({ session }: Execution, cursor: Cursor): Promise<ResultSet> {
  takeParameters(cursor, session.parameters)
  return status('Statement executed successfully.')
}

/** Queries run concurrently; only those that read temporary tables or uncommitted rows need the session's own connection. */
async function select(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  const sql = execution.query(cursor.rest())
  if (execution.needsWarehouse) execution.wakeWarehouse()
  const isOwn = execution.readsTemporary || execution.session.inTransaction
  const connection = isOwn ? execution.session.connection : await execution.engine.connect()
  const interrupt = () => connection.interrupt()
  execution.signal.addEventListener('abort', interrupt)
  try {
    if (execution.signal.aborted) throw new SnowflakeFailure('000604', 'SQL execution canceled', '57014')
    const result = await execution.engine.run(connection, sql, execution.bound, execution.limit)
    return indented(result, Number(execution.session.parameter('JSON_INDENT')))
  } finally {
    execution.signal.removeEventListener('abort', interrupt)
    if (!isOwn) connection.closeSync()
  }
}

/** Snowflake prints a VARIANT with line breaks. */
function indented({ columns, rows }: ResultSet, indent: number): ResultSet {
  const print = (cell: string | null, index: number) =>
    cell !== null && columns[index]?.type === 'variant' ? JSON.stringify(JSON.parse(cell), null, indent) : cell
  return { columns, rows: rows.map((row) => row.map(print)) }
}

const SMALL = 2n ** 63n

function boundValues(bindings: StatementBody['bindings']): Bound[] {
  return Object.keys(bindings).map((_, index): Bound => {
    const binding = bindings[String(index + 1)]
    if (!binding) throw unsupported('values that are not numbered from 1')
    const { type, value } = binding
    if (value === null || type === 'TEXT') return { value, type: VARCHAR }
    if (type === 'BOOLEAN') return { value: value === 'true', type: BOOLEAN }
    if (type === 'REAL') return { value: Number(value), type: DOUBLE }
    if (type !== 'FIXED') throw unsupported(`values bound as ${type}`)
    const number = BigInt(value)
    return { value: number, type: number < SMALL && number >= -SMALL ? BIGINT : HUGEINT }
  })
}
