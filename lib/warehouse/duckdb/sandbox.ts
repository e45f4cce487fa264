import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { SECOND } from '#lib/core/clock.ts'
import { Refused, Transient } from '#lib/core/errors.ts'
import { endFirstWithoutMemory } from '#lib/core/out-of-memory.ts'
import type { SandboxColumn, SandboxJob, SandboxMessage } from './sandbox-messages.ts'

/** Runs queries that people type, each in a process of its own that can be killed (docs/decisions/0083-sql-in-a-child.md). */

export interface SandboxedQuery extends Omit<SandboxJob, 'file' | 'memoryBytes'> {
  /** Of the snapshot. */
  path: string
  /** Kills the process. */
  signal: AbortSignal
}

export interface SandboxedResult {
  columns: SandboxColumn[]
  /** There are more rows than were taken. */
  truncated: boolean
  ms: number
}

/** Of the heap in MB; what DuckDB takes is outside of it. */
const HEAP = ['--max-old-space-size=96', '--max-semi-space-size=4']
const MEGABYTE = 1024 * 1024
const MEMORY_BYTES = 400 * MEGABYTE
/** Most of it is loading DuckDB. */
const START_MS = 20 * SECOND
/** An interrupt ends most queries at once; some never notice it. */
const KILL_AFTER_MS = 2 * SECOND
const CODE = ['lib/*', 'scripts/*', 'node_modules/*', '.cache/stripped/*', 'package.json']

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/**
 * JavaScript in it may read the code and nothing else, and starts no process. DuckDB is native code: what keeps it from
 * files and the network are the options of its instance.
 */
function start({ signal: _, path, ...query }: SandboxedQuery): Child {
  const root = realpathSync(process.cwd())
  const child = spawn(
    process.execPath,
    [
      ...HEAP,
      '--permission',
      '--allow-addons',
      ...CODE.map((part) => `--allow-fs-read=${join(root, part)}`),
      '--import',
      pathToFileURL(join(root, 'scripts', 'stripped.mjs')).href,
      join(root, 'lib', 'warehouse', 'duckdb', 'sandbox-child.ts'),
    ],
    // It gets nothing of this environment, which has secrets.
    { cwd: dirname(path), env: { NODE_ENV: 'production' }, stdio: ['pipe', 'pipe', 'pipe'] },
  )
  void endFirstWithoutMemory(child.pid)
  const job: SandboxJob = { ...query, file: basename(path), memoryBytes: MEMORY_BYTES }
  // If it ends early, its exit says why.
  child.stdin.on('error', () => undefined).write(`${JSON.stringify(job)}\n`)
  return child
}

/**
 * Runs one SELECT or EXPLAIN on a snapshot.
 * @param takeRow gets each row as the JSON text of an array; while it works, no more is read
 * @throws Refused 400 for what DuckDB or we don't accept, 409 when `signal` aborts it, 422 if it takes too long or too much
 *   memory; Transient if the process fails
 */
export async function runSandboxed(
  query: SandboxedQuery,
  takeRow: (json: string) => Promise<void> | void,
): Promise<SandboxedResult> {
  if (query.signal.aborted) throw cancelled()
  const child = start(query)
  const kill = () => child.kill('SIGKILL')
  query.signal.addEventListener('abort', kill)
  const closed = once(child, 'close').catch((error: unknown) => [error, null])
  let isExpired = false
  const expire = () => {
    isExpired = true
    kill()
  }
  let timer = setTimeout(expire, START_MS)
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4_000)
  })
  let isReady = false
  let columns: SandboxColumn[] = []
  try {
    for await (const line of linesOf(child.stdout)) {
      if (line.startsWith('[')) {
        await takeRow(line)
        continue
      }
      const message = JSON.parse(line) as SandboxMessage
      if (message.type === 'ready') {
        isReady = true
        clearTimeout(timer)
        timer = setTimeout(expire, query.deadlineMs + KILL_AFTER_MS)
      } else if (message.type === 'columns') columns = message.columns
      else if (message.type === 'end') return { columns, truncated: message.truncated, ms: message.ms }
      else throw failureOf(message, query)
    }
    const [code, endedBy] = await closed
    if (query.signal.aborted) throw cancelled()
    if (isExpired && isReady) throw failureOf({ type: 'too-slow' }, query)
    // V8 aborts when its heap is full. Nobody but the process itself and Linux kill it otherwise.
    if (code === 134 || endedBy === 'SIGABRT' || (endedBy === 'SIGKILL' && !isExpired))
      throw failureOf({ type: 'too-much-memory' }, query)
    throw failureOf({ type: 'failed', message: stderr.trim() || `it ended with ${endedBy ?? code}` }, query)
  } finally {
    clearTimeout(timer)
    query.signal.removeEventListener('abort', kill)
    kill()
    // It counts as closed only once its output is read or given up.
    child.stdout.destroy()
    await closed
  }
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let line = ''
  for await (const text of stream.setEncoding('utf8')) {
    const [first = '', ...others] = String(text).split('\n')
    line += first
    for (const next of others) {
      yield line
      line = next
    }
  }
}

type Problem = Exclude<SandboxMessage, { type: 'ready' | 'columns' | 'end' }>

function failureOf(problem: Problem, { deadlineMs }: SandboxedQuery): Refused | Transient {
  switch (problem.type) {
    case 'refused':
      return refused(problem.message)
    case 'parameter':
      return wrongParameter(problem.name, problem.problem)
    case 'too-slow':
      return new Refused(
        422,
        'too-slow',
        `The query took more than ${deadlineMs / SECOND} seconds and was stopped`,
        'Ask for fewer rows, or group before you join.',
      )
    case 'too-much-memory':
      return new Refused(
        422,
        'too-much-memory',
        'The query needed too much memory and was stopped',
        'Ask for fewer columns or rows, sort less, or group before you join.',
      )
    case 'failed':
      return new Transient('The query could not be run', {
        remedy: 'Try again.',
        cause: new Error(problem.message),
      })
  }
}

const MAX_MESSAGE = 2_000

/** DuckDB's first line as the message, all of its lines as what is wrong with the SQL. */
function refused(message: string): Refused {
  const [first = ''] = message.split('\n')
  const hint = /\bread[- ]only\b/i.test(message)
    ? 'Your tables can’t be changed here. Write a SELECT.'
    : 'Correct the query and run it again.'
  return new Refused(400, 'bad-sql', shortened(first), hint, { sql: shortened(message) })
}

const shortened = (text: string) => (text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text)

function wrongParameter(name: string, problem: string): Refused {
  const [message, remedy] =
    problem === 'missing'
      ? [`The query needs a value for $${name}`, `Add a value for ${name}.`]
      : problem === 'unknown'
        ? [`The query has no parameter $${name}`, `Remove ${name}.`]
        : [`The value of $${name} doesn’t fit: ${problem}`, 'Correct it and run the query again.']
  return new Refused(400, 'wrong-parameter', shortened(message), remedy, { [name]: shortened(message) })
}

function cancelled(): Refused {
  return new Refused(409, 'query-cancelled', 'The query was canceled', 'Run it again if you need its result.')
}
