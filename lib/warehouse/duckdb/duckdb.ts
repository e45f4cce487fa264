import { mkdir, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { type Clock, MINUTE, now as present, SECOND } from '#lib/core/clock.ts'
import type { Failure } from '#lib/core/errors.ts'
import type { EmbeddedWarehouse, Warehouse } from '#lib/warehouse/warehouse.ts'
import { runBuild } from './build.ts'
import { readCatalog, readSizes } from './catalog.ts'
import { copyRows } from './copy.ts'
import { withDeadline } from './deadline.ts'
import { digestTables } from './digest.ts'
import { toFailure } from './failures.ts'
import { closeFile, damageOf, eraseFile, type Handle, setFileAside, withHandle } from './handles.ts'
import { loadRead } from './load/load.ts'
import { runQuery } from './query.ts'
import { copyInChild } from './snapshot.ts'
import { qualified } from './tables.ts'

const LOAD_DEADLINE_MS = 10 * MINUTE
const BUILD_DEADLINE_MS = 10 * MINUTE
const QUERY_DEADLINE_MS = 10 * SECOND
const DIGEST_DEADLINE_MS = MINUTE
const SNAPSHOT_DEADLINE_MS = 3 * MINUTE
const QUERY_LIMIT = 10_000

/**
 * Opens the warehouse at `path` and creates file and folder if they are missing. DuckDB names the database after the
 * file, so the file must not have the name of a schema (`raw.duckdb`). Only one process can hold a file; inside it, any
 * number of callers can open the same path and share it.
 * @throws Wait while another process holds the file, Stop if it is damaged
 */
export async function openDuckdb(path: string, { now = present }: { now?: Clock } = {}): Promise<EmbeddedWarehouse> {
  const file = await locate(path)
  await withHandle(file, async () => undefined)

  const query: Warehouse['query'] = (sql, values, { limit = QUERY_LIMIT, deadlineMs = QUERY_DEADLINE_MS } = {}) =>
    withHandle(file, (handle) => reading(handle, deadlineMs, (connection) => runQuery(connection, sql, values, limit)))

  return {
    kind: 'duckdb',
    query,
    load: (load) =>
      withHandle(file, (handle) =>
        writing(handle, LOAD_DEADLINE_MS, (connection, signal) => loadRead(connection, load, now, signal)),
      ),
    table: (schema, name) => qualified({ schema, name }),
    async existing(schema, names) {
      const rows = await query('select table_name from information_schema.tables where table_schema = ?', [schema])
      const held = new Set(rows.map((row) => row.table_name))
      return names.filter((name) => held.has(name))
    },
    digests: (tables) =>
      withHandle(file, (handle) =>
        reading(handle, DIGEST_DEADLINE_MS, (connection, signal) => digestTables(connection, tables, signal)),
      ),
    build: (tables, work) =>
      withHandle(file, (handle) =>
        writing(handle, BUILD_DEADLINE_MS, (connection, signal) => runBuild(connection, tables, work, signal)),
      ),
    // Each load writes its ledger entry in its own transaction.
    flush: async () => undefined,
    rowsOf: (table) => copyRows(file, table),
    drop: (table) =>
      withHandle(file, (handle) =>
        writing(handle, LOAD_DEADLINE_MS, async (connection) => {
          await connection.run(`drop table if exists ${qualified(table)}`)
        }),
      ),
    snapshot: (path) =>
      withHandle(file, (handle) =>
        writing(handle, SNAPSHOT_DEADLINE_MS, async (connection) => {
          // Now the file has everything, and nothing writes to it until the copy is made.
          await connection.run('checkpoint')
          await copyInChild(file, path)
        }),
      ),
    catalog: () => withHandle(file, (handle) => reading(handle, QUERY_DEADLINE_MS, readCatalog)),
    sizes: (tables) =>
      withHandle(file, (handle) => reading(handle, DIGEST_DEADLINE_MS, (connection) => readSizes(connection, tables))),
    close: () => closeFile(file),
    erase: () => eraseFile(file),
  }
}

/** Removes a warehouse with everything in it, even if it is damaged. A missing one is not an error. */
export async function eraseDuckdb(path: string): Promise<void> {
  await eraseFile(await locate(path))
}

/** Renames a warehouse, for example a damaged one, so that the next use creates a new one. @returns its new path */
export async function setDuckdbAside(path: string): Promise<string> {
  return setFileAside(await locate(path))
}

/** The damage that queries and loads found in a file that still opens, or null. */
export async function duckdbDamage(path: string): Promise<Failure | null> {
  return damageOf(await locate(path))
}

/** The canonical path of a file. Creates its folder if it is missing. */
async function locate(path: string): Promise<string> {
  const folder = dirname(path)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return join(await realpath(folder), basename(path))
  } catch (error) {
    throw toFailure(error)
  }
}

type Work<T> = (connection: DuckDBConnection, signal: AbortSignal) => Promise<T>

function writing<T>({ writer, instance }: Handle, deadlineMs: number, work: Work<T>): Promise<T> {
  return writer.run(deadlineMs, async () => {
    const connection = await instance.connect()
    try {
      return await withDeadline(connection, deadlineMs, work)
    } finally {
      connection.disconnectSync()
    }
  })
}

/** Readers reuse connections, which keeps a small query at a millisecond. */
function reading<T>(
  { readers, instance, idleConnections: resting }: Handle,
  deadlineMs: number,
  work: Work<T>,
): Promise<T> {
  const deadline = performance.now() + deadlineMs
  return readers.run(deadlineMs, async () => {
    const connection = resting.pop() ?? (await instance.connect())
    try {
      const result = await withDeadline(connection, deadline - performance.now(), work)
      resting.push(connection)
      return result
    } catch (error) {
      // An interrupted connection may still be inside its transaction.
      connection.disconnectSync()
      throw error
    }
  })
}
