import { existsSync } from 'node:fs'
import { readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { MINUTE } from '#lib/core/clock.ts'
import { type Failure, messageOf, Transient } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { Semaphore } from '#lib/warehouse/semaphore.ts'
import { damagedFile, isDamage, isFatal, toFailure } from './failures.ts'

/**
 * The open DuckDB files of this process. DuckDB lets a process open a file twice, but then silently loses writes. So
 * every file is opened here, from the cache and always with the same options.
 */

const OPTIONS = {
  enable_external_access: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  memory_limit: '256MB', // the default is most of the machine's memory, for each open file
  max_temp_directory_size: '2GB', // what does not fit into memory goes to <file>.tmp
  threads: '2',
  default_block_size: '65536', // of new files; docs/decisions/0063
  lock_configuration: 'true',
}

const MAX_OPEN = 64
const MAX_IDLE = 16 // each keeps up to 13 MB from its last loads and queries; reopening takes 20 ms
const MAX_WAITING = 1000
const IDLE_MS = 5 * MINUTE // an open file keeps the memory of its last queries
const READERS = 4

/** An open file: one writer at a time, readers beside it on connections of their own. */
export interface Handle {
  instance: DuckDBInstance
  writer: Semaphore
  readers: Semaphore
  /** Reader connections to reuse. */
  idleConnections: DuckDBConnection[]
}

interface Entry {
  handle?: Promise<Handle>
  users: number
  /** Set while the file is being closed; new users wait and then open it again. */
  closing?: Promise<void>
  whenIdle?: () => void
  /** Closes the file when nobody has used it for a while. */
  idleTimer?: NodeJS.Timeout
}

interface Registry {
  /** By path, least recently used first. */
  entries: Map<string, Entry>
  /** Called as soon as one of the open files is idle. */
  waiting: (() => void)[]
}

// Next can load this module several times in one process; they must share one registry.
const KEY: unique symbol = Symbol.for('tracklake.duckdb.files')
const holder = globalThis as { [KEY]?: Registry }
holder[KEY] ??= { entries: new Map(), waiting: [] }
const { entries, waiting } = holder[KEY]

/** Runs `work` with an open file, opening it first if necessary. The file stays open meanwhile. */
export async function withHandle<T>(path: string, work: (handle: Handle) => Promise<T>): Promise<T> {
  const { handle, release } = await holdHandle(path)
  try {
    return await work(handle)
  } catch (error) {
    if (isFatal(error)) void closeQuietly(path)
    const failure = toFailure(error)
    await rememberDamage(path, failure)
    throw failure
  } finally {
    release()
  }
}

/** Records a failure that proves damage in a note next to the file, because opening the file again may work. */
export async function rememberDamage(path: string, failure: Failure): Promise<void> {
  const file = isDamage(failure) ? await identityOf(path) : null
  if (!file) return
  await writeFile(noteOf(path), file, { mode: 0o600 }).catch((reason) =>
    log.warn('the damage of a warehouse file could not be recorded', { reason: messageOf(reason) }),
  )
}

/**
 * The damage that was found in a file, or null. Opening only reads the catalog, so a file with a damaged block opens
 * until somebody needs that block.
 */
export async function damageOf(path: string): Promise<Failure | null> {
  const noted = await readFile(noteOf(path), 'utf8').catch(() => null)
  return noted !== null && noted === (await identityOf(path)) ? damagedFile() : null
}

/** Distinguishes a file from its replacement. */
async function identityOf(path: string): Promise<string | null> {
  return stat(path).then(
    ({ ino, birthtimeMs }) => `${ino} ${birthtimeMs}`,
    () => null,
  )
}

/** A file that stays open until it is released, for work that spans several calls. */
export async function holdHandle(path: string): Promise<{ handle: Handle; release: () => void }> {
  const entry = await claim(path)
  try {
    entry.handle ??= open(path)
    return { handle: await entry.handle, release: () => release(path, entry) }
  } catch (error) {
    release(path, entry)
    throw toFailure(error)
  }
}

/** Closes a file once nobody uses it; the next use opens it again. */
export async function closeFile(path: string): Promise<void> {
  if (entries.has(path)) await closeEntry(path)
}

async function closeQuietly(path: string): Promise<void> {
  await closeFile(path).catch((reason) => log.error('a warehouse did not close', { reason }))
}

/** Closes a file and removes it, everything that DuckDB stores next to it, and files that were set aside. */
export async function eraseFile(path: string): Promise<void> {
  await closeEntry(path, async () => {
    const files = [path, ...setAsideNames(path)].flatMap((file) => [file, logOf(file)])
    for (const name of [...files, noteOf(path), spillOf(path)]) await rm(name, { recursive: true, force: true })
  })
}

/**
 * Closes a possibly damaged file and renames it and its log, so that the next use creates a new one. Files set aside
 * earlier stay, but the last of `MAX_SET_ASIDE` is replaced. A missing file is not an error.
 * @returns its new path
 */
export async function setFileAside(path: string): Promise<string> {
  const names = setAsideNames(path)
  const aside = names.find((name) => !existsSync(name)) ?? names.at(-1) ?? path
  await closeEntry(path, async () => {
    await rm(logOf(aside), { force: true })
    await rm(noteOf(path), { force: true })
    for (const [from, to] of [
      [path, aside],
      [logOf(path), logOf(aside)],
    ] as const)
      await rename(from, to).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      })
    await rm(spillOf(path), { recursive: true, force: true })
  })
  return aside
}

/** How many files are open. */
export function openFiles(): number {
  return entries.size
}

async function claim(path: string): Promise<Entry> {
  for (;;) {
    const entry = entries.get(path)
    if (entry?.closing) await entry.closing
    else if (!entry && entries.size >= MAX_OPEN) await makeRoom()
    else {
      const claimed = entry ?? { users: 0 }
      claimed.users += 1
      clearTimeout(claimed.idleTimer)
      entries.delete(path)
      entries.set(path, claimed)
      return claimed
    }
  }
}

function release(path: string, entry: Entry): void {
  entry.users -= 1
  if (entry.users > 0) return
  entry.whenIdle?.()
  for (const wake of waiting.splice(0)) wake()
  closeLongestIdle()
  entry.idleTimer = setTimeout(() => {
    if (entries.get(path) === entry) void closeQuietly(path)
  }, IDLE_MS).unref()
  // A file that could not be opened leaves no entry behind; the next use tries again.
  entry.handle?.catch(() => {
    if (entries.get(path) === entry && entry.users === 0) entries.delete(path)
  })
}

/** A background job goes through many listeners and returns to each of them much later. */
function closeLongestIdle(): void {
  const idle = [...entries].filter(([, { users, closing }]) => users === 0 && !closing)
  for (const [path] of idle.slice(0, -MAX_IDLE)) void closeQuietly(path)
}

/** Closes the file that has been idle longest, or waits until one is idle. */
async function makeRoom(): Promise<void> {
  for (const [path, entry] of entries) {
    if (entry.closing) return entry.closing
    if (entry.users === 0) return closeEntry(path)
  }
  if (waiting.length >= MAX_WAITING)
    throw new Transient(`All ${MAX_OPEN} warehouses that can be open at once are in use`, {
      remedy: 'Nothing to do. Tracklake tries again.',
    })
  return new Promise((resolve) => waiting.push(resolve))
}

async function closeEntry(path: string, afterwards?: () => Promise<void>): Promise<void> {
  for (let busy = entries.get(path)?.closing; busy; busy = entries.get(path)?.closing) await busy
  const entry = entries.get(path) ?? { users: 0 }
  clearTimeout(entry.idleTimer)
  const done = closeHandle(entry).then(afterwards)
  entry.closing = done.catch(() => undefined).finally(() => entries.delete(path))
  entries.set(path, entry)
  await entry.closing
  await done
}

async function closeHandle(entry: Entry): Promise<void> {
  if (entry.users > 0) await new Promise<void>((resolve) => (entry.whenIdle = resolve))
  const handle = await entry.handle?.catch(() => undefined)
  if (!handle) return
  for (const connection of handle.idleConnections) connection.disconnectSync()
  await checkpoint(handle.instance)
  handle.instance.closeSync()
}

/** Closing writes the log into the file and blocks the process. A checkpoint does that beforehand, in the background. */
async function checkpoint(instance: DuckDBInstance): Promise<void> {
  try {
    const connection = await instance.connect()
    await connection.run('checkpoint').finally(() => connection.disconnectSync())
  } catch (error) {
    log.warn('a warehouse was closed without a checkpoint; its log is replayed at the next start', {
      reason: messageOf(error),
    })
  }
}

async function open(path: string): Promise<Handle> {
  await removeEmptyFile(path)
  const instance = await DuckDBInstance.fromCache(path, OPTIONS)
  await requireReadable(instance)
  // The file is locked now, so this folder was left behind by a killed process.
  await rm(spillOf(path), { recursive: true, force: true })
  return {
    instance,
    writer: new Semaphore(1),
    readers: new Semaphore(READERS),
    idleConnections: [],
  }
}

/** Opening only reads the start of a file; this also reads the catalog, which a truncated file has lost. */
async function requireReadable(instance: DuckDBInstance): Promise<void> {
  try {
    const connection = await instance.connect()
    await connection.run('select count(*) from duckdb_tables()').finally(() => connection.disconnectSync())
  } catch (error) {
    instance.closeSync()
    throw error
  }
}

/** DuckDB's log of what is not yet in the file. */
const logOf = (path: string) => `${path}.wal`

/** The first file set aside is kept, because it may be the only one that still has everything. */
const MAX_SET_ASIDE = 5

function setAsideNames(path: string): string[] {
  return Array.from({ length: MAX_SET_ASIDE }, (_, before) => `${path}.damaged${before > 0 ? `-${before + 1}` : ''}`)
}

/** The note about damage, which later processes read too. */
const noteOf = (path: string) => `${path}.damage`

/** The folder where DuckDB writes what does not fit into memory. */
function spillOf(path: string): string {
  return `${path}.tmp`
}

/** A crash right after a file is created leaves it empty, and DuckDB refuses to open an empty file. */
async function removeEmptyFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() && found.size === 0) await unlink(path)
}
