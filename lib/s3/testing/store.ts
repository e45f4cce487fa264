import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { S3Error } from './errors.ts'

/** The buckets of the test server, in memory. */

export interface Version {
  id: string
  /** Null: a marker that the object was deleted. */
  body: Buffer | null
  etag: string
  crc32: string
  type: string
  modifiedAt: Date
}

export interface BucketState {
  name: string
  region: string
  versioning: 'off' | 'Enabled' | 'Suspended'
  /** Versions can't be deleted, as under an Object Lock. */
  isLocked: boolean
  /** Takes no more than this many bytes. */
  maxBytes: number
  /** By key; the newest version comes last. */
  objects: Map<string, Version[]>
}

export function newBucket(name: string, region: string): BucketState {
  return {
    name,
    region,
    versioning: 'off',
    isLocked: false,
    maxBytes: Number.POSITIVE_INFINITY,
    objects: new Map(),
  }
}

/** The object that a key names now. */
export function current(bucket: BucketState, key: string): Version | undefined {
  const version = bucket.objects.get(key)?.at(-1)
  return version?.body === null ? undefined : version
}

export interface Conditions {
  ifMatch?: string | undefined
  ifNoneMatch?: string | undefined
}

/** @throws S3Error when a condition does not hold */
export function requireConditions(existing: Version | undefined, { ifMatch, ifNoneMatch }: Conditions): void {
  if (ifNoneMatch === '*' && existing) throw new S3Error('PreconditionFailed', { Condition: 'If-None-Match' })
  if (ifMatch === undefined) return
  if (!existing) throw new S3Error('NoSuchKey')
  if (unquoted(existing.etag) !== unquoted(ifMatch)) throw new S3Error('PreconditionFailed', { Condition: 'If-Match' })
}

const unquoted = (etag: string) => etag.replaceAll('"', '')

let versions = 0

export function write(bucket: BucketState, key: string, body: Buffer, type: string, at: Date): Version {
  const used = [...bucket.objects.values()].flat().reduce((sum, version) => sum + (version.body?.length ?? 0), 0)
  if (used + body.length > bucket.maxBytes) throw new S3Error('QuotaExceeded')
  const etag = `"${createHash('md5').update(body).digest('hex')}"`
  const version = { id: newId(bucket), body, etag, crc32: checksumOf(body), type, modifiedAt: at }
  append(bucket, key, version)
  return version
}

export function remove(bucket: BucketState, key: string, versionId: string | undefined, at: Date): void {
  if (versionId !== undefined) {
    if (bucket.isLocked) throw new S3Error('AccessDenied')
    const kept = (bucket.objects.get(key) ?? []).filter(({ id }) => id !== versionId)
    if (kept.length > 0) bucket.objects.set(key, kept)
    else bucket.objects.delete(key)
  } else if (bucket.versioning === 'off') bucket.objects.delete(key)
  else append(bucket, key, { id: newId(bucket), body: null, etag: '', crc32: '', type: '', modifiedAt: at })
}

function append(bucket: BucketState, key: string, version: Version): void {
  const earlier = (bucket.objects.get(key) ?? []).filter(({ id }) => id !== version.id)
  bucket.objects.set(key, [...earlier, version])
}

const newId = ({ versioning }: BucketState) =>
  versioning === 'Enabled' ? `v${String(++versions).padStart(8, '0')}` : 'null'

export function checksumOf(body: Buffer): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(body))
  return bytes.toString('base64')
}

/** The keys of a list, sorted by their UTF-8 bytes. */
export function keysOf(bucket: BucketState, prefix: string): string[] {
  return [...bucket.objects.keys()]
    .filter((key) => key.startsWith(prefix))
    .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
}
