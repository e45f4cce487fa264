import { Stop } from '#lib/core/errors.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import type { SealedPlace } from '#lib/core/sealed-columns.ts'
import { db, type LakeConnection } from '#lib/db.ts'
import { instanceId } from '#lib/instance-id.ts'
import { type Bucket, openBucket } from '#lib/s3/bucket.ts'
import { instanceBucket } from '#lib/s3/instance.ts'

import { hashOf } from './folder.ts'

/** The bucket of a listener's lake. */

export interface LakePlace {
  bucket: string
  prefix: string
  region: string
}

export interface LakeKeys {
  accessKeyId: string
  secretAccessKey: string
}

const sealContext = (userId: string): SealedPlace => ({ table: 'LakeConnection', row: userId, column: 'secrets' })

export const sealSecret = (userId: string, secret: string): string => seal(secret, sealContext(userId))

/** The saved place; null without a bucket. */
export function savedPlace({ bucket, prefix, region }: LakeConnection): LakePlace | null {
  return bucket === null ? null : { bucket, prefix, region: region ?? '' }
}

/** The saved access key; null for the role of the instance. */
export function savedKeys({ userId, accessKeyId, secrets }: LakeConnection): LakeKeys | null {
  if (accessKeyId === null || secrets === null) return null
  return { accessKeyId, secretAccessKey: unseal(secrets, sealContext(userId)) }
}

/** @param keys null: the role of the instance */
export function openLakeBucket({ bucket, region }: LakePlace, keys: LakeKeys | null): Bucket {
  return openBucket({ ...instanceBucket(bucket), region, ...(keys ? { keys } : {}) })
}

/**
 * The bucket of a connection, and its access key.
 * @throws Stop when the role of the instance is used by somebody who is no longer an admin
 */
export async function connectedBucket(
  connection: LakeConnection,
): Promise<{ bucket: Bucket; keys: LakeKeys | null } | null> {
  const place = savedPlace(connection)
  if (!place) return null
  const keys = savedKeys(connection)
  if (!keys) await requireRole(connection.userId)
  return { bucket: openLakeBucket(place, keys), keys }
}

async function requireRole(userId: string): Promise<void> {
  const user = await db().user.findUnique({ where: { id: userId }, select: { isAdmin: true } })
  if (user?.isAdmin) return
  throw new Stop('Only admins may publish with the role of the server', {
    remedy: 'Open Connections, Your lake, and enter an access key of your own.',
  })
}

/** The key of an object. */
export function keyOf({ prefix }: Pick<LakePlace, 'prefix'>, path: string): string {
  return prefix ? `${prefix}/${path}` : path
}

/** Stands for the listener in the bucket, without saying who it is. */
export async function ownerMark(userId: string): Promise<string> {
  const account = await db().account.findFirst({ where: { userId, provider: 'spotify' } })
  return hashOf(`${await instanceId()} ${account?.providerAccountId ?? userId}`)
}
