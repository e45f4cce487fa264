import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { MINUTE } from '#lib/core/clock.ts'
import { Transient } from '#lib/core/errors.ts'
import type { Columns, ColumnType, Schema } from '#lib/core/table.ts'

/** Writes tables of a snapshot as files, in a process of its own that can be killed and reads and writes nothing else. */

/** What is known about a file from its last export. */
export interface KnownFile {
  /** Its content then. The file is only written if its content changed. */
  digest: string
  /** The field id of each column, which must never change or be used again. */
  fields: Record<string, number>
}

/** A CSV file with the result of a query. */
export interface Extract {
  name: string
  columns: Columns
  /** The first one whose tables (schema.name) all exist is used; without one there is no file. */
  queries: { requires: string[]; sql: string }[]
}

export interface ExportJob {
  /** The path of a read-only copy. */
  snapshot: string
  /** An existing folder for the files. */
  folder: string
  /** Which tables and views are exported, by schema: regular expressions for their names. */
  tables: Partial<Record<Schema, string>>
  /** The columns to sort by (schema.name); other tables are sorted by all columns. */
  keys: Record<string, string[]>
  extracts: Extract[]
  /** By the name of the file. */
  known: Record<string, KnownFile>
}

export interface ExportedColumn {
  name: string
  type: ColumnType
  /** The field id in Parquet. */
  id: number
}

export interface ExportedFile {
  /** Lower-case letters, digits and underscores. */
  name: string
  format: 'parquet' | 'csv'
  schema: Schema | null
  columns: ExportedColumn[]
  rows: number
  /** Changes with the content, not with the order of its rows or with the file's bytes. */
  digest: string
  /** The written file; null if its content has not changed. */
  path: string | null
}

export type ExportMessage =
  | { type: 'start'; total: number }
  | { type: 'file'; file: ExportedFile }
  /** A view whose tables are missing or have changed. */
  | { type: 'broken view'; name: string; problem: string }
  | { type: 'done' }

const HEAP = '--max-old-space-size=96'
/** One table of ten million rows takes less. */
const MAX_SILENCE_MS = 5 * MINUTE
const MAX_STDERR = 4_000

type Child = ChildProcessByStdio<Writable, Readable, Readable>

function start(job: ExportJob): Child {
  const child = spawn(
    process.execPath,
    [HEAP, '--import', './scripts/stripped.mjs', 'lib/warehouse/duckdb/export-child.ts'],
    // It gets nothing of this environment, which has secrets.
    { env: { NODE_ENV: 'production' }, stdio: ['pipe', 'pipe', 'pipe'] },
  )
  // If it ends early, its exit says why.
  child.stdin.on('error', () => undefined).write(`${JSON.stringify(job)}\n`)
  return child
}

/**
 * Exports a snapshot, one file after another.
 * @throws Transient if the process failed or made no progress; the signal's reason
 */
export async function* exportFiles(
  job: ExportJob,
  { signal, maxSilenceMs = MAX_SILENCE_MS }: { signal?: AbortSignal; maxSilenceMs?: number } = {},
): AsyncGenerator<ExportMessage> {
  signal?.throwIfAborted()
  const child = start(job)
  const kill = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', kill)
  const closed = once(child, 'close').catch(() => undefined)
  const watch = setTimeout(kill, maxSilenceMs)
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR)
  })
  let isDone = false
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const message = JSON.parse(line) as ExportMessage
      isDone = message.type === 'done'
      yield message
      watch.refresh()
    }
    await closed
    signal?.throwIfAborted()
    if (isDone) return
    throw new Transient('Your tables could not be written as files', {
      remedy: 'Tracklake tries again. If it keeps failing, check that the disk has free space.',
      cause: new Error(stderr.trim() || `the process ended with ${child.signalCode ?? child.exitCode}`),
    })
  } finally {
    clearTimeout(watch)
    signal?.removeEventListener('abort', kill)
    kill()
    child.stdout.destroy()
    await closed
  }
}
