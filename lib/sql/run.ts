import { SQL_LIMITS } from '#lib/api/limits.ts'
import type { FileFormat, SqlOutcome } from '#lib/api/lists.ts'
import type { SqlCell, SqlResult } from '#lib/api/sql.ts'
import { now, SECOND } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { type Download, requireEmbeddedCopies } from '#lib/query/tables.ts'
import { withSnapshot } from '#lib/storage/snapshots.ts'
import { runSandboxed, type SandboxedResult } from '#lib/warehouse/index.ts'
import { recordRun } from './history.ts'
import { fileOf, withResultFile } from './result-file.ts'
import { cancelled, cancelQueries, withQuery } from './slots.ts'

/** SQL that a listener typed, on a read-only snapshot of their tables. */

export interface TypedQuery {
  sql: string
  params: Record<string, string>
}

/** Texts of files are cut later than those of pages: nobody reads a file before it is there. */
const FILE_CELL_CHARACTERS = 1_000_000

/**
 * Runs a query and remembers it.
 * @param signal of the caller; when it is aborted, the query is killed
 * @throws Refused 400, 409, 413, 422 or 429; Transient
 */
export async function runTyped(userId: string, query: TypedQuery, signal: AbortSignal): Promise<SqlResult> {
  const startedAt = now()
  const started = performance.now()
  const record = (run: { outcome: SqlOutcome; rows?: number; truncated?: boolean; message?: string }) =>
    recordRun(userId, { sql: query.sql, startedAt, ms: Math.round(performance.now() - started), ...run })
  try {
    const result = await runForRows(userId, query, signal)
    await record({ outcome: 'done', rows: result.rows.length, truncated: result.truncated })
    return result
  } catch (error) {
    const outcome = outcomeOf(error)
    if (outcome) await record({ outcome, message: error instanceof Error ? error.message : '' })
    throw error
  }
}

/** Runs a query. @throws what `runTyped` throws */
export async function runForRows(userId: string, query: TypedQuery, signal: AbortSignal): Promise<SqlResult> {
  const rows: string[] = []
  const limits = { rows: SQL_LIMITS.rows, bytes: SQL_LIMITS.resultBytes, cellCharacters: SQL_LIMITS.cellCharacters }
  const result = await run(userId, query, signal, limits, (row) => void rows.push(row))
  return { ...result, rows: rows.map((row): SqlCell[] => JSON.parse(row)) }
}

/**
 * All rows of a query as a file.
 * @param name of the file, without its ending
 * @throws what `runTyped` throws; Refused 422 for more than 50 MB
 */
export async function runForFile(
  userId: string,
  query: TypedQuery,
  { name, format }: { name: string; format: FileFormat },
  signal: AbortSignal,
): Promise<Download> {
  const limits = { rows: Number.MAX_SAFE_INTEGER, bytes: SQL_LIMITS.fileBytes, cellCharacters: FILE_CELL_CHARACTERS }
  return withResultFile(userId, async (file) => {
    const { columns, truncated } = await run(userId, query, signal, limits, file.write)
    if (truncated)
      throw new Refused(
        422,
        'result-too-large',
        'The result is larger than 50 MB',
        'Ask for fewer rows or columns. Whole tables download from Data.',
      )
    return fileOf(userId, file, { columns, name, format })
  })
}

/** Stops a listener's queries, running and waiting ones. @returns how many there were */
export const cancelTyped = cancelQueries

interface Limits {
  rows: number
  bytes: number
  cellCharacters: number
}

async function run(
  userId: string,
  { sql, params }: TypedQuery,
  signal: AbortSignal,
  limits: Limits,
  takeRow: (json: string) => Promise<void> | void,
): Promise<SandboxedResult> {
  requireEmbeddedCopies()
  requireLength(sql)
  const options = { ...limits, deadlineMs: SQL_LIMITS.seconds * SECOND, nameCharacters: SQL_LIMITS.nameCharacters }
  return withQuery(userId, signal, async (query) => {
    const patience = AbortSignal.any([query.signal, AbortSignal.timeout(SQL_LIMITS.waitSeconds * SECOND)])
    const run = (path: string) =>
      query.withSlot(() => runSandboxed({ path, sql, params, signal: query.signal, ...options }, takeRow))
    try {
      return await withSnapshot(userId, run, { signal: patience })
    } catch (error) {
      if (error !== patience.reason) throw error
      throw query.signal.aborted ? cancelled() : beingLoaded()
    }
  })
}

function beingLoaded(): Refused {
  const message = 'Your tables are being loaded right now'
  return new Refused(429, 'busy', message, 'Try again in a minute.', undefined, SQL_LIMITS.waitSeconds)
}

/** @throws Refused 413 */
export function requireLength(sql: string): void {
  if (Buffer.byteLength(sql) <= SQL_LIMITS.bytes) return
  throw new Refused(413, 'too-large', 'The query is longer than 64 kB', 'Shorten it.')
}

/** Null for what says nothing about the query. */
function outcomeOf(error: unknown): SqlOutcome | null {
  if (!(error instanceof Refused)) return 'failed'
  switch (error.code) {
    case 'bad-sql':
    case 'wrong-parameter':
      return 'refused'
    case 'too-slow':
    case 'too-much-memory':
      return error.code
    case 'query-cancelled':
      return 'cancelled'
    default:
      return null
  }
}
