import { z } from 'zod'
import { Stop } from '#lib/core/errors.ts'
import { db, type LakeFile } from '#lib/db.ts'
import type { Bucket } from '#lib/s3/bucket.ts'
import { s3ProblemOf } from '#lib/s3/failures.ts'
import { keyOf, type LakePlace } from './bucket.ts'
import { OWNER_PATH } from './catalog.ts'
import { filePath, hashOf } from './folder.ts'
import type { Hold } from './lease.ts'

/**
 * Brings the bucket up to date with the folder. An object is only replaced while it is the one that Tracklake wrote, so
 * nothing of somebody else is lost.
 */

/** Larger objects are not read back. */
const MAX_READ_BYTES = 512 * 1024 * 1024

const TYPES: Record<string, string> = {
  parquet: 'application/vnd.apache.parquet',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  sql: 'application/sql',
}

const typeOf = (path: string) => TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream'

interface Target {
  bucket: Bucket
  place: LakePlace
  owner: string
}

/** @returns how many objects were written */
export async function uploadFiles(
  hold: Hold,
  target: Target,
  onUploaded: (done: number, total: number) => Promise<void>,
): Promise<number> {
  const { userId } = hold.connection
  const files = await db().lakeFile.findMany({ where: { userId, isGone: false } })
  const changed = files.filter(({ hash, objectHash }) => hash !== objectHash)
  // What says whose files these are comes last.
  const order = (file: LakeFile) => Number(file.path.startsWith('catalogue/')) + Number(file.path === OWNER_PATH)
  for (const [index, file] of changed.toSorted((one, other) => order(one) - order(other)).entries()) {
    hold.signal.throwIfAborted()
    await hold.commit({}, async (tx) => {
      await tx.lakeFile.update({
        where: { userId_path: { userId, path: file.path } },
        data: { pendingHash: file.hash },
      })
    })
    const etag = await put(target, file)
    await hold.commit({}, async (tx) => {
      await tx.lakeFile.update({
        where: { userId_path: { userId, path: file.path } },
        data: { etag, objectHash: file.hash, pendingHash: null },
      })
    })
    await onUploaded(index + 1, changed.length)
  }
  return changed.length
}

async function put(target: Target, file: LakeFile): Promise<string> {
  const { bucket, place } = target
  const key = keyOf(place, file.path)
  const content = { file: filePath(file.userId, file.path) }
  const type = typeOf(file.path)
  const attempt = async (etag: string | null) =>
    (await bucket.put(key, content, { type, ...(etag === null ? { ifMissing: true } : { ifMatch: etag }) })).etag
  try {
    return await attempt(file.etag)
  } catch (error) {
    const problem = s3ProblemOf(error)
    // Somebody removed the object: nothing can be lost.
    if (problem === 'missing' && file.etag !== null) return attempt(null)
    if (problem !== 'changed') throw error
    const own = await ownEtag(target, file)
    if (own === null) throw changedByOthers(key, file.etag !== null)
    return attempt(own)
  }
}

/** The ETag of an object that a condition refused to replace, if Tracklake wrote it for this listener; else null. */
async function ownEtag({ bucket, place, owner }: Target, file: LakeFile): Promise<string | null> {
  const key = keyOf(place, file.path)
  const found = await bucket.stat(key)
  if (!found) return null
  // An upload whose end was not recorded, or that was recorded before the bucket was connected again.
  if (found.bytes <= MAX_READ_BYTES && (file.pendingHash !== null || file.etag === null)) {
    const { bytes, etag } = await bucket.get(key, { maxBytes: MAX_READ_BYTES })
    if ([file.pendingHash, file.hash].includes(hashOf(bytes))) return etag
  }
  return file.etag === null && (await ownerOf(bucket, place)) === owner ? found.etag : null
}

const Marker = z.object({ owner: z.string() })
const MAX_MARKER_BYTES = 16 * 1024 * 1024

/** Whose files are in a place; null if nobody's. */
async function ownerOf(bucket: Bucket, place: LakePlace): Promise<string | null> {
  try {
    const { bytes } = await bucket.get(keyOf(place, OWNER_PATH), { maxBytes: MAX_MARKER_BYTES })
    return Marker.parse(JSON.parse(bytes.toString('utf8'))).owner
  } catch (error) {
    if (s3ProblemOf(error) === undefined || s3ProblemOf(error) === 'missing') return null
    throw error
  }
}

function changedByOthers(key: string, isOurs: boolean): Stop {
  return new Stop(
    isOurs
      ? `${key} in your bucket was changed by somebody else`
      : `Your bucket already has an object ${key} that Tracklake did not write`,
    { remedy: 'It was not replaced. Move or delete it and publish again, or use another prefix.', context: { key } },
  )
}

/** Removes the objects of files whose tables are gone, as far as they are what Tracklake wrote. */
export async function removeObjects({ bucket, place }: Target, gone: LakeFile[]): Promise<void> {
  for (const { path, etag } of gone) {
    if (etag === null) continue
    const key = keyOf(place, path)
    if ((await bucket.stat(key))?.etag === etag) await bucket.deleteMany([key])
  }
}
