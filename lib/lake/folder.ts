import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { lakeFolder, lakeStaging } from '#lib/storage/places.ts'

/** A listener's folder of published files. A file is complete as soon as it is there. */

export interface WrittenFile {
  bytes: number
  /** SHA-256, hex. */
  hash: string
}

/** The path of a published file. */
export function filePath(userId: string, path: string): string {
  return join(lakeFolder(userId), path)
}

/** An empty folder for files that are being written. Crashes may have left some there. */
export async function emptyStaging(userId: string): Promise<string> {
  const folder = lakeStaging(userId)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return folder
}

export async function removeStaging(userId: string): Promise<void> {
  await rm(lakeStaging(userId), { recursive: true, force: true })
}

/** Moves a finished file to its place, where it replaces the earlier one. */
export async function placeFile(userId: string, path: string, staged: string): Promise<void> {
  await flush(staged)
  const file = filePath(userId, path)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await rename(staged, file)
}

export async function placeText(userId: string, path: string, text: string): Promise<void> {
  const folder = lakeStaging(userId)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const staged = join(folder, path.replaceAll('/', '_'))
  await writeFile(staged, text)
  await placeFile(userId, path, staged)
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export async function measureFile(path: string): Promise<WrittenFile> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return { bytes, hash: hash.digest('hex') }
}

export function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Whether a file is there with its size. Somebody may have tidied the folder. */
export async function isThere(userId: string, path: string, bytes: number): Promise<boolean> {
  const found = await stat(filePath(userId, path)).catch(() => null)
  return found?.isFile() === true && found.size === bytes
}

/** A text of the catalog; empty if it is missing. */
export async function readText(userId: string, path: string): Promise<string> {
  return readFile(filePath(userId, path), 'utf8').catch(() => '')
}

/** Removes a file, and its folder if that is empty then. */
export async function removeFile(userId: string, path: string): Promise<void> {
  const file = filePath(userId, path)
  await rm(file, { force: true })
  await rmdir(dirname(file)).catch(() => undefined)
}

/** Removes everything. */
export async function removeFolder(userId: string): Promise<void> {
  await removeStaging(userId)
  await rm(lakeFolder(userId), { recursive: true, force: true })
}

/** A published file, in parts. */
export async function* fileBytes(userId: string, path: string): AsyncGenerator<Uint8Array, void> {
  for await (const part of createReadStream(filePath(userId, path))) yield part as Buffer
}
