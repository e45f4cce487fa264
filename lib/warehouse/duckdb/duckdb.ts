import { mkdir, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { type Clock, MINUTE, now as present, SECOND } from '#lib/core/clock.ts'
import type { Row, Table } from '#lib/core/table.ts'
import type { Warehouse } from '#lib/warehouse/warehouse.ts'
import { answer } from './ask.ts'
import { copyRows } from './copy.ts'
import { withDeadline } from './deadline.ts'
import { digestTables } from './digest.ts'
import { toFailure } from './failures.ts'
import { closeFile, eraseFile, type Handle, withHandle } from './handles.ts'
import { loadRead } from './load.ts'
import { qualified } from './tables.ts'

const LOAD_DEADLINE_MS = 10 * MINUTE
const ASK_DEADLINE_MS = 10 * SECOND
const DIGEST_DEADLINE_MS = MINUTE
const ASK_LIMIT = 10_000

/** A warehouse in a file of its own. */
export interface DuckdbWarehouse extends Warehouse {
  readonly kind: 'duckdb'
  /** All rows of a table as they are at one moment, in batches; none where there is no such table. */
  rowsOf(table: Table): AsyncIterable<Row[]>
  /** Closes the file once nobody works with it; the next use opens it again. An unused file closes by itself. */
  close(): Promise<void>
  /** Removes the file and everything in it. */
  erase(): Promise<void>
}

/**
 * Opens the warehouse at `path`, making file and folder when missing. DuckDB names the database after the file, so the
 * file must not be called like a schema (`raw.duckdb`). Only one process may hold a file; within it any number of
 * callers may open the same path and share it.
 * @throws Wait while another process holds the file, Stop when it is damaged
 */
export async function openDuckdb(path: string, { now = present }: { now?: Clock } = {}): Promise<DuckdbWarehouse> {
  const file = await locate(path)
  await withHandle(file, async () => undefined)

  const ask: Warehouse['ask'] = (sql, values, { limit = ASK_LIMIT, deadlineMs = ASK_DEADLINE_MS } = {}) =>
    withHandle(file, (handle) => reading(handle, deadlineMs, (connection) => answer(connection, sql, values, limit)))

  return {
    kind: 'duckdb',
    ask,
    load: (load) =>
      withHandle(file, (handle) =>
        writing(handle, LOAD_DEADLINE_MS, (connection, signal) => loadRead(connection, load, now, signal)),
      ),
    table: (schema, name) => qualified({ schema, name }),
    async existing(schema, names) {
      const rows = await ask('select table_name from information_schema.tables where table_schema = ?', [schema])
      const held = new Set(rows.map((row) => row.table_name))
      return names.filter((name) => held.has(name))
    },
    digests: (tables) =>
      withHandle(file, (handle) =>
        reading(handle, DIGEST_DEADLINE_MS, (connection, signal) => digestTables(connection, tables, signal)),
      ),
    // The notes of a load are written in its own transaction.
    settle: async () => undefined,
    rowsOf: (table) => copyRows(file, table),
    close: () => closeFile(file),
    erase: () => eraseFile(file),
  }
}

/** Removes a warehouse with everything in it, also one that is damaged. A missing one is no error. */
export async function eraseDuckdb(path: string): Promise<void> {
  await eraseFile(await locate(path))
}

/** The one name of a file, however its path is written; its folder is made when missing. */
async function locate(path: string): Promise<string> {
  const folder = dirname(path)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return join(await realpath(folder), basename(path))
  } catch (thrown) {
    throw toFailure(thrown)
  }
}

type Work<T> = (connection: DuckDBConnection, signal: AbortSignal) => Promise<T>

function writing<T>({ writer, instance }: Handle, deadlineMs: number, work: Work<T>): Promise<T> {
  return writer.take(deadlineMs, async () => {
    const connection = await instance.connect()
    try {
      return await withDeadline(connection, deadlineMs, work)
    } finally {
      connection.disconnectSync()
    }
  })
}

/** Connections of readers are used again, which keeps a small question at a millisecond. */
function reading<T>({ readers, instance, resting }: Handle, deadlineMs: number, work: Work<T>): Promise<T> {
  const until = performance.now() + deadlineMs
  return readers.take(deadlineMs, async () => {
    const connection = resting.pop() ?? (await instance.connect())
    try {
      const result = await withDeadline(connection, until - performance.now(), work)
      resting.push(connection)
      return result
    } catch (thrown) {
      // An interrupted connection may still be inside its transaction.
      connection.disconnectSync()
      throw thrown
    }
  })
}
