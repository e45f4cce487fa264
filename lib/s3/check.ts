import { randomUUID } from 'node:crypto'
import { Stop } from '#lib/core/errors.ts'
import type { Bucket, Versioning } from './bucket.ts'
import { s3ProblemOf } from './failures.ts'

/** Something that works, and could be better. */
interface Advice {
  message: string
  remedy: string
}

const PROBE = Buffer.from('Tracklake checks that it may write here, and deletes this object again.\n')
const MAX_BYTES = 1024

/**
 * Does once what the landing zone needs, with an object that is deleted again.
 * @throws Wait or Stop for the first thing that does not work
 */
export async function checkBucket(
  bucket: Bucket,
  prefix: string,
): Promise<{ versioning: Versioning; advice: Advice | null }> {
  const folder = `${prefix === '' ? '' : `${prefix}/`}.tracklake-check-${randomUUID()}`
  const [key, copy] = [`${folder}/probe`, `${folder}/copy`]
  const { etag } = await bucket.put(key, PROBE)
  if (!(await bucket.get(key, { maxBytes: MAX_BYTES, ifMatch: etag })).bytes.equals(PROBE))
    throw new Stop('The bucket returns other content than was written', { remedy: 'Use another store.' })
  await bucket.copy(key, copy)
  await bucket.deleteMany([key, copy])
  await requireMissing(bucket, key)
  const versioning = await bucket.versioning()
  // Also lists, and deletes the versions of the probe.
  await bucket.removeAll(`${folder}/`)
  return { versioning, advice: versioning === 'off' ? null : VERSIONED }
}

const VERSIONED: Advice = {
  message: 'moved and deleted objects stay as earlier versions, which take space',
  remedy: 'Add a lifecycle rule that removes noncurrent versions. Deleting an account removes them too.',
}

/** Without the permission to list, S3 refuses to say that an object is missing. */
async function requireMissing(bucket: Bucket, key: string): Promise<void> {
  try {
    await bucket.get(key, { maxBytes: MAX_BYTES })
  } catch (error) {
    if (s3ProblemOf(error) === 'missing') return
    throw error
  }
  throw new Stop('The bucket still has an object that was deleted', { remedy: 'Use another store.' })
}
