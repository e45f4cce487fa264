import { BIGINT, BOOLEAN, DOUBLE, HUGEINT, VARCHAR } from '@duckdb/node-api'
import { z } from 'zod'
import { alterTable, createTable, dropTable, use } from './ddl.ts'
import { insert, merge, remove, update } from './dml.ts'
import type { Bound, Engine } from './engine.ts'
import { notKnown, SnowflakeFailure } from './failure.ts'
import { checkGrammar } from './grammar.ts'
import type { Answer } from './results.ts'
import type { Session } from './session.ts'
import { show } from './show.ts'
import { copyInto, put, type Upload } from './staging.ts'
import { Cursor, oneStatement, tokenize } from './tokens.ts'
import { Work } from './work.ts'

export const StatementBody = z.object({
  sqlText: z.string(),
  bindings: z.record(z.string(), z.object({ type: z.string(), value: z.string().nullable() })).default({}),
  bindStage: z.undefined({ error: 'The test server takes no values from a stage' }).optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
})

export type StatementBody = z.output<typeof StatementBody>

/** What a statement gives back, and its kind as the driver wants it. */
export type Outcome = { kind: number; answer: Answer } | { kind: number; upload: Upload }

const KNOWN_PARAMETERS = new Set([
  'QUERY_TAG',
  'TIMEZONE',
  'STRICT_JSON_OUTPUT',
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

interface Place {
  engine: Engine
  stages: string
  signal: AbortSignal
}

/** Runs one statement of a session. */
export async function runStatement(session: Session, body: StatementBody, place: Place): Promise<Outcome> {
  const unknown = Object.keys(body.parameters).find((name) => !KNOWN_PARAMETERS.has(name))
  if (unknown !== undefined) throw notKnown(`the parameter ${unknown}`)
  if (Number(body.parameters.MULTI_STATEMENT_COUNT ?? 1) !== 1) throw notKnown('several statements at once')
  const tokens = oneStatement(tokenize(body.sqlText))
  checkGrammar(body.sqlText)
  const rows = Number(body.parameters.ROWS_PER_RESULTSET ?? 0)
  const limit = rows > 0 ? rows : Number.POSITIVE_INFINITY
  const work = new Work(session, place.engine, boundValues(body.bindings), limit, place.signal)
  return runTokens(work, new Cursor(tokens), place.stages)
}

/** Runs one statement that is known to be one. */
export async function runTokens(work: Work, cursor: Cursor, stages: string): Promise<Outcome> {
  if (cursor.sees('SELECT') || cursor.sees('WITH')) return { kind: SELECT, answer: await select(work, cursor) }
  if (cursor.takes('PUT')) return { kind: OTHER, upload: await put(work, cursor, stages) }
  if (cursor.takes('COPY', 'INTO')) return { kind: INSERT, answer: await copyInto(work, cursor, stages) }
  if (cursor.takes('INSERT')) return { kind: INSERT, answer: await insert(work, cursor) }
  if (cursor.takes('UPDATE')) return { kind: UPDATE, answer: await update(work, cursor) }
  if (cursor.takes('DELETE')) return { kind: DELETE, answer: await remove(work, cursor) }
  if (cursor.takes('MERGE')) return { kind: MERGE, answer: await merge(work, cursor) }
  return { kind: OTHER, answer: await declare(work, cursor) }
}

function declare(work: Work, cursor: Cursor): Promise<Answer> {
  if (cursor.takes('CREATE')) return createTable(work, cursor)
  if (cursor.takes('ALTER')) return alterTable(work, cursor)
  if (cursor.takes('DROP')) return dropTable(work, cursor)
  if (cursor.takes('USE')) return use(work, cursor)
  if (cursor.takes('SHOW')) return show(work, cursor)
  throw notKnown(`statements that begin with ${cursor.peek()?.text}`)
}

/** A question works beside others; only what reads temporary tables needs the session's own connection. */
async function select(work: Work, cursor: Cursor): Promise<Answer> {
  const sql = work.query(cursor.rest())
  if (work.needsWarehouse) work.session.wakeWarehouse()
  const connection = work.readsTemporary ? work.session.connection : await work.engine.connect()
  const interrupt = () => connection.interrupt()
  work.signal.addEventListener('abort', interrupt)
  try {
    if (work.signal.aborted) throw new SnowflakeFailure('000604', 'SQL execution canceled', '57014')
    return await work.engine.run(connection, sql, work.bound, work.limit)
  } finally {
    work.signal.removeEventListener('abort', interrupt)
    if (!work.readsTemporary) connection.closeSync()
  }
}

const SMALL = 2n ** 63n

function boundValues(bindings: StatementBody['bindings']): Bound[] {
  return Object.keys(bindings).map((_, index): Bound => {
    const binding = bindings[String(index + 1)]
    if (!binding) throw notKnown('values that are not numbered from 1')
    const { type, value } = binding
    if (value === null || type === 'TEXT') return { value, type: VARCHAR }
    if (type === 'BOOLEAN') return { value: value === 'true', type: BOOLEAN }
    if (type === 'REAL') return { value: Number(value), type: DOUBLE }
    if (type !== 'FIXED') throw notKnown(`values bound as ${type}`)
    const number = BigInt(value)
    return { value: number, type: number < SMALL && number >= -SMALL ? BIGINT : HUGEINT }
  })
}
