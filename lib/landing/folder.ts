import { randomUUID } from 'node:crypto'
import { constants, type Dirent, existsSync } from 'node:fs'
import { copyFile, lstat, mkdir, open, opendir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { MINUTE, now, SECOND } from '#lib/core/clock.ts'
import { Failure, Wait } from '#lib/core/errors.ts'
import type { ArrivedFile, Landing, Move, MoveEnd, StoredObject } from './landing.ts'
import { changedFile, compressed, expanded, leadsOut, missing } from './objects.ts'

const PAGE = 1000
const MAX_TRIES = 10
/** A file that another program has not changed for this long is complete. */
const SETTLED_MS = 30 * SECOND
/** File name suffix of objects that are still being written. A crash may leave one behind; lists ignore it. */
const UNFINISHED = '.unfinished'

/** The landing zone as a local folder, created on the first write and readable by its owner only. */
export function folderLanding(root: string): Landing {
  const base = resolve(root)
  const locate = (path: string) => locateIn(base, path)

  async function moveOne({ from, to, etag }: Move): Promise<MoveEnd> {
    try {
      const file = etag === undefined ? undefined : await arrivedFile(locate(from), from)
      if (file && file.etag !== etag) throw changedFile(from)
      await explain(from, () => moveFile(base, locate(from), locate(to)))
      return { etag: null }
    } catch (failure) {
      return { failure }
    }
  }

  return {
    put: (path, json) => explain(path, () => putFile(locate(path), path, json)),
    get: (path) => explain(path, () => getFile(base, locate(path), path)),
    putBytes: (path, bytes) => explain(path, () => putBytes(locate(path), bytes)),
    getBytes: (path) => explain(path, () => getBytes(base, locate(path), path)),
    async moveMany(moves) {
      for (const { from, to } of moves) for (const path of [from, to]) locate(path)
      const ends: MoveEnd[] = []
      for (const move of moves) ends.push(await moveOne(move))
      return ends
    },
    async remove(...paths) {
      for (const path of paths) await explain(path, () => removeFile(locate(path)))
    },
    list: (prefix) => listPages(base, locate(prefix)),
    listFiles: (prefix) => listFiles(base, locate(prefix)),
    download: (file, to) => explain(file.path, () => copyArrived(locate(file.path), file, to)),
    async removeAll(prefix) {
      const folder = locate(prefix)
      let removed = 0
      for await (const page of listPages(base, folder)) removed += page.length
      await explain(prefix, () => rm(folder, { recursive: true, force: true }))
      return { objects: removed, versions: 0 }
    },
  }
}

function locateIn(base: string, path: string): string {
  const located = resolve(base, path)
  const inside = located === base || located.startsWith(base + sep)
  if (inside && !path.includes('\0')) return located
  throw leadsOut()
}

async function putFile(file: string, path: string, json: string): Promise<StoredObject> {
  const bytes = await compressed(path, json)
  await putBytes(file, bytes)
  return { bytes: bytes.length, etag: null }
}

async function putBytes(file: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${file}.${randomUUID()}${UNFINISHED}`
  try {
    await writeNew(unfinished, bytes)
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
  await syncFolder(dirname(file))
}

async function getBytes(base: string, file: string, path: string): Promise<Buffer> {
  return readFile(file).catch(async (cause) => {
    if (codeOf(cause) === 'ENOENT') await requireFolder(base, { path })
    throw cause
  })
}

async function getFile(base: string, file: string, path: string): Promise<string> {
  return expanded(path, await getBytes(base, file, path))
}

/** If the landing folder is missing, for example because its disk isn't mounted, its objects may still exist. */
async function requireFolder(base: string, context: { path?: string } = {}): Promise<void> {
  if (existsSync(base)) return
  throw new Wait('The landing folder is missing', new Date(now().getTime() + 5 * MINUTE), {
    remedy: 'Mount the disk with the data folder; the sync resumes by itself.',
    context,
  })
}

async function moveFile(base: string, from: string, to: string): Promise<void> {
  await requireFolder(base)
  await makeFolder(dirname(to))
  try {
    await rename(from, to)
  } catch (error) {
    // Already moved, but a crash lost the record of it.
    if (codeOf(error) !== 'ENOENT' || !existsSync(to)) throw error
  }
  await syncFolder(dirname(to))
  await removeEmptyFolder(dirname(from))
}

async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true })
  await removeEmptyFolder(dirname(file))
}

async function* listPages(base: string, prefix: string): AsyncGenerator<string[]> {
  let page: string[] = []
  for await (const file of filesBelow(prefix)) {
    page.push(relative(base, file).replaceAll(sep, '/'))
    if (page.length < PAGE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

async function* listFiles(base: string, prefix: string): AsyncGenerator<ArrivedFile[]> {
  for await (const paths of listPages(base, prefix)) {
    const files: ArrivedFile[] = []
    for (const path of paths) {
      const file = await arrivedFile(join(base, path), path)
      if (file) files.push(file)
    }
    yield files
  }
}

/** @returns undefined for a link, and for a file that was removed meanwhile */
async function arrivedFile(file: string, path: string): Promise<ArrivedFile | undefined> {
  const found = await lstat(file).catch(() => undefined)
  if (!found?.isFile()) return undefined
  return {
    path,
    bytes: found.size,
    etag: `${found.size}-${found.mtimeMs}-${found.ino}`,
    isComplete: now().getTime() - found.mtimeMs > SETTLED_MS,
  }
}

async function copyArrived(from: string, file: ArrivedFile, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL)
  if ((await arrivedFile(from, file.path))?.etag === file.etag) return
  await rm(to)
  throw changedFile(file.path)
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const entry of await explain(folder, () => entriesOf(folder))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (!entry.name.endsWith(UNFINISHED)) yield path
  }
}

/** A folder may be removed while the list walks through its neighbors; treat it as empty. */
async function entriesOf(folder: string): Promise<AsyncIterable<Dirent> | Dirent[]> {
  return opendir(folder).catch((error) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
}

/** Writes a file to disk. Someone may remove its empty folder meanwhile; then creates it again. */
async function writeNew(file: string, bytes: Uint8Array): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await makeFolder(dirname(file))
      return await writeFile(file, bytes, { flag: 'wx', mode: 0o600, flush: true })
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || tries === MAX_TRIES) throw error
    }
  }
}

/** Creates a folder durably: every new folder on the way is on disk before anything is put into it. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}

/** A rename survives a power failure only once its folder is on disk too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Without this the folders of finished reads would pile up. Does nothing if the folder is not empty, or gone. */
async function removeEmptyFolder(folder: string): Promise<void> {
  await rmdir(folder).catch(() => undefined)
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** Turns an error of the file system into a failure with a remedy. */
async function explain<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    const code = codeOf(cause)
    const details = { context: { path, code }, cause }
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new Wait('The disk that holds the landing folder is full', new Date(now().getTime() + 5 * MINUTE), {
        remedy: 'Free some space on it; the sync resumes by itself.',
        ...details,
      })
    if (code === 'ENOENT') throw missing(path, cause)
    throw new Wait('The landing folder cannot be used', new Date(now().getTime() + 5 * MINUTE), {
      remedy: 'Give the account that runs Tracklake read and write permission on the data folder.',
      ...details,
    })
  }
}
