import { mkdir, readdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { db } from '#lib/db.ts'
import { spoolFolder } from '#lib/storage/places.ts'

/**
 * Uploaded files, exactly as they came, until they are read. They contain what Tracklake never stores elsewhere, such as IP
 * addresses, so only their owner's account on the machine can read them, and they are deleted as early as possible. The
 * folder of an upload has the id of its import, and its files are numbered: names of others are never used as paths.
 */

const folderOf = (importId: string) => join(spoolFolder(), importId)

/** Where an upload's file is stored. @param index its place in the upload */
export function spooledFile(importId: string, index: number): string {
  return join(folderOf(importId), String(index))
}

export async function createSpool(importId: string): Promise<void> {
  await mkdir(folderOf(importId), { recursive: true, mode: 0o700 })
}

/** Deletes an upload's files. Not an error if they are gone. */
export async function removeSpool(importId: string): Promise<void> {
  await rm(folderOf(importId), { recursive: true, force: true })
}

/** Bytes that can still be written. */
export async function freeBytes(): Promise<number> {
  await mkdir(spoolFolder(), { recursive: true, mode: 0o700 })
  const { bavail, bsize } = await statfs(spoolFolder())
  return bavail * bsize
}

/** Deletes the files of uploads without an import: a crash left them. A folder is created after its import's row. */
export async function sweepSpool(): Promise<void> {
  const folders = await readdir(spoolFolder()).catch(() => [])
  if (folders.length === 0) return
  const known = await db().import.findMany({ where: { id: { in: folders } }, select: { id: true } })
  const ids = new Set(known.map(({ id }) => id))
  for (const folder of folders) if (!ids.has(folder)) await removeSpool(folder)
}
