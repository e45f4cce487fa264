import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { messageOf, Refused } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db } from '#lib/db.ts'
import { Semaphore } from '#lib/warehouse/semaphore.ts'
import { hasEmbeddedCopy, openEmbeddedCopy, snapshotFolder } from './places.ts'

/**
 * Read-only copies of embedded warehouses, for processes that can't share the open file. One is made for each version of
 * a listener's data that somebody needs.
 */

interface Snapshot {
  path: string
  users: number
  made: Promise<void>
  /** Removes it when nobody has used it for a while. */
  timer?: NodeJS.Timeout
}

/** A snapshot costs as much disk as the warehouse, and making one takes a second. */
const UNUSED_MS = HOUR

/** Copying fills a disk's whole bandwidth. */
const COPIES_AT_ONCE = 2
const COPY_WAIT_MS = MINUTE

interface Snapshots {
  snapshots: Map<string, Snapshot>
  removals: Map<string, Promise<void>>
  copies: Semaphore
}

// Routes and background functions are bundled separately and must share the snapshots.
const KEY: unique symbol = Symbol.for('tracklake.snapshots')
const holder = globalThis as { [KEY]?: Snapshots }
holder[KEY] ??= { snapshots: new Map(), removals: new Map(), copies: new Semaphore(COPIES_AT_ONCE) }
const { snapshots, removals, copies } = holder[KEY]

/**
 * Runs `use` with the path of a read-only copy of the listener's warehouse. The file stays until `use` has ended. Only
 * other processes may open it with DuckDB.
 * @param signal how long to wait for the copy, which a running load can delay by minutes
 * @throws Refused 409 if nothing was loaded yet or the account is being deleted; Wait, Stop or Transient if the copy can't
 *   be made; the signal's reason
 */
export async function withSnapshot<T>(
  userId: string,
  use: (path: string) => Promise<T>,
  { signal }: { signal?: AbortSignal } = {},
): Promise<T> {
  const snapshot = claim(join(snapshotFolder(userId), `${await versionOf(userId)}.duckdb`), userId)
  try {
    await (signal ? unlessAborted(snapshot.made, signal) : snapshot.made)
    removeUnused(snapshot.path)
    return await use(snapshot.path)
  } finally {
    release(snapshot)
  }
}

async function unlessAborted(made: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([made, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Deletes a listener's snapshots, used or not. Those who use one have to be stopped first. @returns how many there were */
export async function removeSnapshots(userId: string): Promise<number> {
  const folder = snapshotFolder(userId)
  const own = [...snapshots.values()].filter(({ path }) => dirname(path) === folder)
  await Promise.allSettled(own.map(({ made }) => made))
  for (const snapshot of own) forget(snapshot)
  await rm(folder, { recursive: true, force: true })
  return own.length
}

/** Deletes what an earlier process left behind. Call it before anything uses a snapshot. */
export async function removeLeftSnapshots(): Promise<void> {
  await rm(snapshotFolder(), { recursive: true, force: true })
}

async function versionOf(userId: string): Promise<number> {
  const user = await db().user.findUnique({ where: { id: userId }, select: { dataVersion: true, erasingAt: true } })
  if (!user || user.erasingAt)
    throw new Refused(409, 'being-deleted', 'This account is being deleted', 'Nothing to do.')
  return user.dataVersion
}

function claim(path: string, userId: string): Snapshot {
  const snapshot = snapshots.get(path) ?? { path, users: 0, made: make(path, userId) }
  snapshots.set(path, snapshot)
  snapshot.users += 1
  clearTimeout(snapshot.timer)
  // The next one tries again.
  snapshot.made.catch(() => forget(snapshot))
  return snapshot
}

async function make(path: string, userId: string): Promise<void> {
  // Opening a warehouse that is missing would create an empty one.
  if (!hasEmbeddedCopy(userId))
    throw new Refused(
      409,
      'nothing-loaded',
      'Nothing has been loaded into your built-in warehouse yet',
      'Try again after your first sync.',
    )
  await removals.get(path)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const partial = `${path}.partial`
  try {
    await copies.run(COPY_WAIT_MS, async () => (await openEmbeddedCopy({ userId })).snapshot(partial))
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

function release(snapshot: Snapshot): void {
  snapshot.users -= 1
  if (snapshot.users > 0 || snapshots.get(snapshot.path) !== snapshot) return
  if (siblingsOf(snapshot.path).some((other) => isNewer(other, snapshot))) remove(snapshot)
  else snapshot.timer = setTimeout(() => remove(snapshot), UNUSED_MS).unref()
}

function siblingsOf(path: string): Snapshot[] {
  return [...snapshots.values()].filter((other) => other.path !== path && dirname(other.path) === dirname(path))
}

const isNewer = (one: Snapshot, other: Snapshot) =>
  Number.parseInt(basename(one.path), 10) > Number.parseInt(basename(other.path), 10)

/** Removes older snapshots of the same listener, except those in use. */
function removeUnused(path: string): void {
  const current = snapshots.get(path)
  for (const other of siblingsOf(path)) if (current && other.users === 0 && isNewer(current, other)) remove(other)
}

function forget(snapshot: Snapshot): void {
  clearTimeout(snapshot.timer)
  if (snapshots.get(snapshot.path) === snapshot) snapshots.delete(snapshot.path)
}

function remove(snapshot: Snapshot): void {
  forget(snapshot)
  const { path } = snapshot
  const removal = rm(path, { force: true })
    .catch((error) => log.warn('a snapshot could not be deleted', { problem: messageOf(error) }))
    .finally(() => {
      if (removals.get(path) === removal) removals.delete(path)
    })
  removals.set(path, removal)
}
