import { once } from 'node:events'
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  StatementType,
} from '@duckdb/node-api'
import { messageOf } from '#lib/core/errors.ts'
import { resultCell, uniqueNames } from './result-cells.ts'
import type { SandboxJob, SandboxMessage } from './sandbox-messages.ts'

/**
 * The process that runs one query that a person typed. DuckDB's limits don't hold every query (a memory limit and an
 * interrupt don't end `repeat('x', 2000000000)`), so the process watches itself and can be killed at any time. The first
 * line of its input is the job; the input stays open as long as the parent lives. Its output is one message a line.
 */

const FOLDER = JSON.stringify(process.cwd()).slice(1, -1)
const WATCH_MS = 50
const INTERRUPT_MS = 50

const OPTIONS = {
  access_mode: 'READ_ONLY',
  enable_external_access: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  memory_limit: '128MB',
  max_temp_directory_size: '0B',
  threads: '1',
}

/** Not `process.exit`, which waits for the thread of a query that nothing interrupts. */
const end = () => process.kill(process.pid, 'SIGKILL')

process.stdin.on('end', end).on('error', end)
process.stdout.on('error', end)

let line = ''
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  line += text
  // readline would also end a line at U+2028, which SQL can have.
  if (text.includes('\n')) void work(JSON.parse(line))
})

async function work(job: SandboxJob): Promise<void> {
  setInterval(() => {
    if (process.memoryUsage.rss() > job.memoryBytes) end()
  }, WATCH_MS)
  try {
    const instance = await DuckDBInstance.create(job.file, OPTIONS)
    const connection = await instance.connect()
    await connection.run(`set TimeZone = 'UTC'; set lock_configuration = true`)
    await send({ type: 'ready' })
    await send(await withinDeadline(connection, job.deadlineMs, () => runJob(connection, job)))
  } catch (error) {
    await send(failureOf(error))
  }
  process.stdout.end(end)
}

const send = (message: SandboxMessage) => sendLine(JSON.stringify(message))

/** Without the folder that the process runs in: it names the listener, and the files of the instance. */
async function sendLine(json: string): Promise<void> {
  if (!process.stdout.write(`${json.replaceAll(FOLDER, '')}\n`)) await once(process.stdout, 'drain')
}

let isExpired = false

async function withinDeadline<T>(connection: DuckDBConnection, deadlineMs: number, run: () => Promise<T>): Promise<T> {
  const interrupt = () => {
    isExpired = true
    connection.interrupt()
    // A statement that still waits for a thread ignores an interrupt.
    timer = setTimeout(interrupt, INTERRUPT_MS)
  }
  let timer = setTimeout(interrupt, deadlineMs)
  try {
    return await run()
  } finally {
    clearTimeout(timer)
  }
}

/** What is wrong with the query, apart from what DuckDB says. */
class Refusal extends Error {
  readonly refusal: SandboxMessage

  constructor(refusal: SandboxMessage) {
    super()
    this.refusal = refusal
  }
}

const DUCKDB_ERROR = /^[A-Z][\w ]* Error: /

function failureOf(error: unknown): SandboxMessage {
  if (isExpired) return { type: 'too-slow' }
  if (error instanceof Refusal) return error.refusal
  const message = messageOf(error)
  // A text of more than half a gigabyte is no JavaScript string.
  if (/^Out of Memory Error|string longer than/.test(message)) return { type: 'too-much-memory' }
  return DUCKDB_ERROR.test(message) ? { type: 'refused', message } : { type: 'failed', message }
}

async function runJob(connection: DuckDBConnection, job: SandboxJob): Promise<SandboxMessage> {
  const started = performance.now()
  const statement = await prepare(connection, job.sql)
  await bind(connection, statement, job.params)
  const result = await statement.stream()
  const columns = uniqueNames(result.columnNames(), job.nameCharacters).map((name, index) => ({
    name,
    // JSON is a VARCHAR with another name.
    type: result.columnType(index).alias ?? String(result.columnType(index)),
  }))
  await send({ type: 'columns', columns })
  const isWhole = await sendRows(result, job)
  return { type: 'end', truncated: !isWhole, ms: Math.round(performance.now() - started) }
}

/** SELECT, with everything that DuckDB turns into it, and EXPLAIN. */
const ALLOWED: StatementType[] = [StatementType.SELECT, StatementType.EXPLAIN]

async function prepare(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const statements = await connection.extractStatements(sql).catch((error) => {
    const [, message] = /^Failed to extract statements: (.*)$/s.exec(messageOf(error)) ?? []
    // Without any statement, DuckDB fails without a message.
    throw new Refusal({ type: 'refused', message: message ?? 'There is no query' })
  })
  if (statements.count !== 1)
    throw new Refusal({
      type: 'refused',
      message: /\bpivot\b/i.test(sql)
        ? 'PIVOT needs its values here: PIVOT … ON … IN (…)'
        : `There are ${statements.count} statements, and only one can be run`,
    })
  const statement = await statements.prepare(0)
  if (ALLOWED.includes(statement.statementType)) return statement
  const kind = StatementType[statement.statementType].replaceAll('_', ' ')
  throw new Refusal({ type: 'refused', message: `Only SELECT and EXPLAIN can be run, and this is ${kind}` })
}

/** The type that a parameter needs; null if it can be anything, for example in `select $name`. */
function typeOf(statement: DuckDBPreparedStatement, index: number): DuckDBType | null {
  try {
    const type = statement.parameterType(index)
    return type.typeId === DuckDBTypeId.VARCHAR || type.typeId === DuckDBTypeId.ANY ? null : type
  } catch {
    return null
  }
}

/** Binds each value as the type that the query needs, so that DuckDB says what is wrong with it. */
async function bind(connection: DuckDBConnection, statement: DuckDBPreparedStatement, params: Record<string, string>) {
  const values = new Map(Object.entries(params).map(([name, value]) => [name.toLowerCase(), value]))
  for (let index = 1; index <= statement.parameterCount; index++) {
    const name = statement.parameterName(index)
    if (/^\d+$/.test(name))
      throw new Refusal({ type: 'refused', message: 'Parameters need names: write $name instead of ? or $1' })
    const value = values.get(name.toLowerCase())
    if (value === undefined) throw new Refusal({ type: 'parameter', name, problem: 'missing' })
    const type = typeOf(statement, index)
    if (type === null) statement.bindVarchar(index, value)
    else statement.bindValue(index, await converted(connection, name, value, type), type)
  }
  const names = Array.from({ length: statement.parameterCount }, (_, at) => statement.parameterName(at + 1))
  const unknown = Object.keys(params).find((one) => !names.some((name) => name.toLowerCase() === one.toLowerCase()))
  if (unknown !== undefined) throw new Refusal({ type: 'parameter', name: unknown, problem: 'unknown' })
}

async function converted(
  connection: DuckDBConnection,
  name: string,
  value: string,
  type: DuckDBType,
): Promise<DuckDBValue> {
  try {
    const reader = await connection.runAndReadAll(`select cast($1::varchar as ${type})`, [value])
    return reader.getRows()[0]?.[0] ?? null
  } catch (error) {
    const [message = ''] = messageOf(error).split('\n')
    throw new Refusal({ type: 'parameter', name, problem: message })
  }
}

/** @returns false if there are more rows than the job takes */
async function sendRows(result: DuckDBResult, { rows: maxRows, bytes: maxBytes, cellCharacters }: SandboxJob) {
  const types = result.columnTypes()
  let [rows, bytes] = [0, 0]
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const vectors = types.map((_, index) => chunk.getColumnVector(index))
    // One cell after another: a chunk of long texts would not fit into memory.
    for (let row = 0; row < chunk.rowCount; row++) {
      const cells = types.map((type, index) => resultCell(vectors[index]?.getItem(row) ?? null, type, cellCharacters))
      const json = JSON.stringify(cells)
      bytes += Buffer.byteLength(json) + 1
      if (rows === maxRows || bytes > maxBytes) return false
      rows += 1
      await sendLine(json)
      if (isExpired) throw new Refusal({ type: 'too-slow' })
    }
  }
  return true
}
