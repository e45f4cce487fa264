import { rm, stat, unlink } from 'node:fs/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { MINUTE } from '#lib/core/clock.ts'
import { messageOf, Transient } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { Turns } from '#lib/warehouse/turns.ts'
import { isFatal, toFailure } from './failures.ts'

/**
 * The open DuckDB files of this process. DuckDB does not refuse to open a file a second time in one process, but then
 * loses writes silently; so every file is opened here, from the cache and with the same options.
 */

const OPTIONS = {
  enable_external_access: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  memory_limit: '256MB', // the default is most of the machine, for each open file
  max_temp_directory_size: '2GB', // what does not fit into memory goes to <file>.tmp
  threads: '2',
  default_block_size: '16384', // an almost empty file is 4.6 instead of 10.5 MB
  lock_configuration: 'true',
}

const MOST_OPEN = 64
const MOST_IDLE = 16 // each holds up to 13 MB of its last loads and questions; 20 ms open it again
const MOST_WAITING = 1000
const REST_MS = 5 * MINUTE // an open file holds on to the memory of its last questions
const READERS = 4

/** An open file: writers take turns, readers work beside them on connections of their own. */
export interface Handle {
  instance: DuckDBInstance
  writer: Turns
  readers: Turns
  /** Connections of readers that wait for their next question. */
  resting: DuckDBConnection[]
}

interface Entry {
  handle?: Promise<Handle>
  users: number
  /** Set while the file is being closed; whoever wants it waits and opens it again. */
  closing?: Promise<void>
  whenIdle?: () => void
  /** Closes the file when nobody has used it for a while. */
  rest?: NodeJS.Timeout
}

interface Registry {
  /** By path, least recently used first. */
  entries: Map<string, Entry>
  /** Called as soon as one of the open files is idle. */
  waiting: (() => void)[]
}

// Next may load this module several times in one process; there must be one registry all the same.
const KEY: unique symbol = Symbol.for('tracklake.duckdb.files')
const holder = globalThis as { [KEY]?: Registry }
holder[KEY] ??= { entries: new Map(), waiting: [] }
const { entries, waiting } = holder[KEY]

/** Works with an open file, opening it first if need be; it is not closed meanwhile. */
export async function withHandle<T>(path: string, work: (handle: Handle) => Promise<T>): Promise<T> {
  const entry = await claim(path)
  try {
    entry.handle ??= open(path)
    return await work(await entry.handle)
  } catch (thrown) {
    if (isFatal(thrown)) void closeQuietly(path)
    throw toFailure(thrown)
  } finally {
    release(path, entry)
  }
}

/** An open file that is kept open until it is released, for work that goes on beyond one call. */
export async function holdHandle(path: string): Promise<{ handle: Handle; release: () => void }> {
  const entry = await claim(path)
  try {
    entry.handle ??= open(path)
    return { handle: await entry.handle, release: () => release(path, entry) }
  } catch (thrown) {
    release(path, entry)
    throw toFailure(thrown)
  }
}

/** Closes a file once nobody works with it; the next use opens it again. */
export async function closeFile(path: string): Promise<void> {
  if (entries.has(path)) await retire(path)
}

async function closeQuietly(path: string): Promise<void> {
  await closeFile(path).catch((reason) => log.error('A warehouse did not close', { reason }))
}

/** Closes a file and removes all that DuckDB keeps beside it. */
export async function eraseFile(path: string): Promise<void> {
  await retire(path, async () => {
    for (const name of [path, `${path}.wal`, spillOf(path)]) await rm(name, { recursive: true, force: true })
  })
}

/** How many files are open. */
export function openFiles(): number {
  return entries.size
}

async function claim(path: string): Promise<Entry> {
  for (;;) {
    const entry = entries.get(path)
    if (entry?.closing) await entry.closing
    else if (!entry && entries.size >= MOST_OPEN) await makeRoom()
    else {
      const claimed = entry ?? { users: 0 }
      claimed.users += 1
      clearTimeout(claimed.rest)
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
  entry.rest = setTimeout(() => {
    if (entries.get(path) === entry) void closeQuietly(path)
  }, REST_MS).unref()
  // A file that could not be opened leaves nothing behind; the next use tries again.
  entry.handle?.catch(() => {
    if (entries.get(path) === entry && entry.users === 0) entries.delete(path)
  })
}

/** Whoever reads for many listeners in turn comes back to each of them long after. */
function closeLongestIdle(): void {
  const idle = [...entries].filter(([, { users, closing }]) => users === 0 && !closing)
  for (const [path] of idle.slice(0, -MOST_IDLE)) void closeQuietly(path)
}

/** Closes the file that was idle for longest, or waits until one is idle. */
async function makeRoom(): Promise<void> {
  for (const [path, entry] of entries) {
    if (entry.closing) return entry.closing
    if (entry.users === 0) return retire(path)
  }
  if (waiting.length >= MOST_WAITING)
    throw new Transient(`All ${MOST_OPEN} warehouses that may be open at once are at work`, {
      remedy: 'Nothing to do. It is tried again.',
    })
  return new Promise((resolve) => waiting.push(resolve))
}

async function retire(path: string, afterwards?: () => Promise<void>): Promise<void> {
  for (let busy = entries.get(path)?.closing; busy; busy = entries.get(path)?.closing) await busy
  const entry = entries.get(path) ?? { users: 0 }
  clearTimeout(entry.rest)
  const done = shut(entry).then(afterwards)
  entry.closing = done.catch(() => undefined).finally(() => entries.delete(path))
  entries.set(path, entry)
  await entry.closing
  await done
}

async function shut(entry: Entry): Promise<void> {
  if (entry.users > 0) await new Promise<void>((resolve) => (entry.whenIdle = resolve))
  const handle = await entry.handle?.catch(() => undefined)
  if (!handle) return
  for (const connection of handle.resting) connection.disconnectSync()
  await checkpoint(handle.instance)
  handle.instance.closeSync()
}

/** Closing writes the log into the file and blocks the process; done before, in the background, it closes at once. */
async function checkpoint(instance: DuckDBInstance): Promise<void> {
  try {
    const connection = await instance.connect()
    await connection.run('checkpoint').finally(() => connection.disconnectSync())
  } catch (thrown) {
    log.warn('A warehouse was closed without a checkpoint; its log is read at the next start', {
      reason: messageOf(thrown),
    })
  }
}

async function open(path: string): Promise<Handle> {
  await removeUnborn(path)
  const instance = await DuckDBInstance.fromCache(path, OPTIONS)
  // The file is locked now, so what lies here was left behind by a process that was killed.
  await rm(spillOf(path), { recursive: true, force: true })
  return {
    instance,
    writer: new Turns(1),
    readers: new Turns(READERS),
    resting: [],
  }
}

/** The folder to which DuckDB writes what does not fit into its memory. */
function spillOf(path: string): string {
  return `${path}.tmp`
}

/** A crash between creating and filling a new file leaves it without a byte, which DuckDB refuses for ever. */
async function removeUnborn(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() && found.size === 0) await unlink(path)
}
