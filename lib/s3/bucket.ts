import { createReadStream, createWriteStream } from 'node:fs'
import { rm, stat as statFile } from 'node:fs/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import type { ListObjectVersionsCommandInput, ListObjectVersionsCommandOutput, S3Client } from '@aws-sdk/client-s3'
import { MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { Stop } from '#lib/core/errors.ts'
import { bucketProblem, regionProblem } from '#lib/core/s3-address.ts'
import { isConflict, type S3Operation, s3Failure, s3ProblemOf } from './failures.ts'

/** A bucket in S3, or in a store with the same API. All of its errors are failures with a remedy (failures.ts). */

type Sdk = typeof import('@aws-sdk/client-s3')

export interface S3Keys {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string | undefined
}

export interface BucketOptions {
  bucket: string
  /** Without it, the SDK takes the region of the server's AWS profile or role. */
  region?: string | undefined
  /** Without them, the SDK looks where AWS puts them: environment, profile, container, machine. */
  keys?: S3Keys | undefined
  /** Another server with the API of S3, addressed with the bucket in the path. Only an operator may set it. */
  endpoint?: string | undefined
  /** The variables of proxies, see `proxyVariables`. */
  proxy?: Record<string, string>
}

/** What to write: bytes, or a file, which is never in memory as a whole. */
export type Content = Uint8Array | { file: string }

/** At most one of them. */
export interface Condition {
  /** Only if there is no such object yet. */
  ifMissing?: true
  /** Only if the object is still this one. */
  ifMatch?: string | undefined
}

export interface Stored {
  etag: string
  bytes: number
}

export interface ListedObject {
  key: string
  bytes: number
  etag: string
  modifiedAt: Date
}

export interface Removed {
  objects: number
  /** Earlier versions, in a bucket that keeps them. */
  versions: number
}

/** Whether a bucket keeps earlier versions of objects. `unknown`: it does not let this key ask. */
export type Versioning = 'off' | 'enabled' | 'suspended' | 'unknown'

/**
 * Every method throws a Wait while the bucket can't be used, with `s3ProblemOf(error)` and what to do. A missing object and
 * a condition that does not hold are a Stop.
 */
export interface Bucket {
  readonly name: string
  /** Stored durably, and visible to everybody, when it resolves. @throws Stop `changed` when the condition does not hold */
  put(key: string, content: Content, options?: Condition & { type?: string }): Promise<Stored>
  /** @throws Stop `missing`, `changed` when its ETag differs, `too large` */
  get(
    key: string,
    options: { maxBytes: number; ifMatch?: string | undefined },
  ): Promise<{ bytes: Buffer; etag: string }>
  /** Writes an object to a file, which must not exist. @throws Stop as `get` */
  download(key: string, file: string, options: { maxBytes: number; ifMatch: string }): Promise<void>
  /** @returns null if there is no such object */
  stat(key: string): Promise<ListedObject | null>
  /** @param options ifMatch: only if the source is still this one, which some stores ignore @throws Stop `missing`, `changed` */
  copy(from: string, to: string, options?: Pick<Condition, 'ifMatch'>): Promise<{ etag: string }>
  /** Pages of at most 1,000 objects, in the order of their keys. */
  list(prefix: string, options?: { pageSize?: number }): AsyncGenerator<ListedObject[]>
  /** Not an error for objects that are gone. One request for up to 1,000. */
  deleteMany(keys: readonly string[]): Promise<void>
  versioning(): Promise<Versioning>
  /** Deletes everything below a prefix, also what a versioned bucket keeps. @param only which keys; all if omitted */
  removeAll(prefix: string, only?: (key: string) => boolean): Promise<Removed>
  close(): void
}

const ATTEMPTS = 4
const CONNECT_MS = 5 * SECOND
/** From a request to its response. */
const RESPONSE_MS = 30 * SECOND
/** One operation with all attempts. Objects are at most some 100 MB. */
const OPERATION_MS = 2 * MINUTE
const TRANSFER_MS = 10 * MINUTE
const PAGE = 1000
const MAX_CONNECTIONS = 32
const CONFLICT_PAUSE_MS = 200

/** Sends nothing before it is used. @throws Stop for names that S3 doesn't have, because they become part of an address */
export function openBucket(options: BucketOptions): Bucket {
  const { bucket: name, region, endpoint } = options
  const problem = bucketProblem(name) ?? (region === undefined ? undefined : regionProblem(region, !endpoint))
  if (problem)
    throw new Stop('The S3 bucket cannot be used', { remedy: `Correct its name and region: one of them ${problem}.` })
  let opened: Promise<{ sdk: Sdk; client: S3Client }> | undefined

  /** The SDK takes 20 MB, so it is loaded by the first request. */
  function client() {
    opened ??= import('@aws-sdk/client-s3').then((sdk) => ({ sdk, client: makeClient(sdk, options) }))
    return opened
  }

  async function run<T>(
    operation: S3Operation,
    key: string | undefined,
    work: (sdk: Sdk, client: S3Client, signal: AbortSignal) => Promise<T>,
    deadlineMs = OPERATION_MS,
  ): Promise<T> {
    const { sdk, client: s3 } = await client()
    const attempt = () => work(sdk, s3, AbortSignal.timeout(deadlineMs))
    try {
      // The SDK corrects its clock by every response, but repeats a request only while this machine's is off.
      return await attempt().catch((error) => {
        if (s3ProblemOf(s3Failure(error, { operation, bucket: name, key })) !== 'clock') throw error
        return attempt()
      })
    } catch (error) {
      if (isLocal(error)) throw error
      throw s3Failure(error, { operation, bucket: name, key })
    }
  }

  async function put(key: string, content: Content, options: Condition & { type?: string } = {}): Promise<Stored> {
    const isFile = !(content instanceof Uint8Array)
    const checked = isFile ? await checksumOfFile(content.file) : checksumOf(content)
    for (let attempt = 1; ; attempt++) {
      try {
        return await run(
          'put',
          key,
          async (sdk, s3, abortSignal) => {
            const { ETag } = await s3
              .send(
                new sdk.PutObjectCommand({
                  Bucket: name,
                  Key: key,
                  Body: isFile ? createReadStream(content.file) : content,
                  ContentLength: checked.bytes,
                  ChecksumCRC32: checked.crc32,
                  ContentType: options.type ?? 'application/octet-stream',
                  ...(options.ifMissing ? { IfNoneMatch: '*' } : {}),
                  ...(options.ifMatch === undefined ? {} : { IfMatch: options.ifMatch }),
                }),
                { abortSignal },
              )
              .catch((error) => alreadyWritten(sdk, s3, { key, checked, abortSignal }, error))
            return { etag: ETag ?? '', bytes: checked.bytes }
          },
          TRANSFER_MS,
        )
      } catch (error) {
        // The SDK repeats neither requests whose body is a stream, nor those that met another write of the same object.
        const isWorthwhile = isConflict(error) || (isFile && ['unreachable', 'busy'].includes(s3ProblemOf(error) ?? ''))
        if (!isWorthwhile || attempt >= ATTEMPTS) throw error
        await pause(attempt * CONFLICT_PAUSE_MS)
      }
    }
  }

  /** A conditional write whose response got lost is repeated by the SDK and then meets itself. */
  async function alreadyWritten(
    sdk: Sdk,
    s3: S3Client,
    { key, checked, abortSignal }: { key: string; checked: Checksum; abortSignal: AbortSignal },
    error: unknown,
  ): Promise<{ ETag?: string | undefined }> {
    const { $metadata } = error as { $metadata?: { httpStatusCode?: number; attempts?: number } }
    if ($metadata?.httpStatusCode !== 412 || ($metadata.attempts ?? 1) < 2) throw error
    const found = await s3.send(new sdk.HeadObjectCommand({ Bucket: name, Key: key, ChecksumMode: 'ENABLED' }), {
      abortSignal,
    })
    if (found.ContentLength !== checked.bytes || found.ChecksumCRC32 !== checked.crc32) throw error
    return found
  }

  /** Reads an object. `consume` may be called again, when the connection is cut. */
  async function read<T>(
    key: string,
    { maxBytes, ifMatch }: { maxBytes: number; ifMatch?: string | undefined },
    consume: (body: AsyncIterable<Buffer>, signal: AbortSignal) => Promise<T>,
  ): Promise<{ value: T; etag: string }> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run(
          'get',
          key,
          async (sdk, s3, abortSignal) => {
            const input = { Bucket: name, Key: key, ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }) }
            const { Body, ETag, ContentLength } = await s3.send(new sdk.GetObjectCommand(input), { abortSignal })
            const body = Body as AsyncIterable<Buffer>
            const value = await consume(bounded(body, { key, maxBytes, expected: ContentLength }), abortSignal)
            return { value, etag: ETag ?? '' }
          },
          TRANSFER_MS,
        )
      } catch (error) {
        // The SDK repeats no request whose response has begun.
        if (s3ProblemOf(error) !== 'unreachable' || attempt >= ATTEMPTS) throw error
        await pause(attempt * CONFLICT_PAUSE_MS)
      }
    }
  }

  async function stat(key: string): Promise<ListedObject | null> {
    try {
      return await run('get', key, async (sdk, s3, abortSignal) => {
        const found = await s3.send(new sdk.HeadObjectCommand({ Bucket: name, Key: key }), { abortSignal })
        return {
          key,
          bytes: found.ContentLength ?? 0,
          etag: found.ETag ?? '',
          modifiedAt: found.LastModified ?? new Date(0),
        }
      })
    } catch (error) {
      if (s3ProblemOf(error) === 'missing') return null
      throw error
    }
  }

  async function* list(prefix: string, { pageSize = PAGE } = {}): AsyncGenerator<ListedObject[]> {
    let token: string | undefined
    do {
      const page = await run('list', prefix, (sdk, s3, abortSignal) =>
        s3.send(
          new sdk.ListObjectsV2Command({
            Bucket: name,
            Prefix: prefix,
            MaxKeys: pageSize,
            // Otherwise, a key with a control character would make the response unreadable.
            EncodingType: 'url',
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
          { abortSignal },
        ),
      )
      const objects = (page.Contents ?? []).map(({ Key, Size, ETag, LastModified }) => ({
        key: decodeKey(Key ?? '', page.EncodingType),
        bytes: Size ?? 0,
        etag: ETag ?? '',
        modifiedAt: LastModified ?? new Date(0),
      }))
      if (objects.length > 0) yield objects
      token = page.IsTruncated ? page.NextContinuationToken : undefined
    } while (token !== undefined)
  }

  async function deleteObjects(operation: S3Operation, objects: { Key: string; VersionId?: string }[]): Promise<void> {
    for (let start = 0; start < objects.length; start += PAGE)
      await run(operation, objects[start]?.Key, async (sdk, s3, abortSignal) => {
        const batch = objects.slice(start, start + PAGE)
        const { Errors } = await s3.send(
          new sdk.DeleteObjectsCommand({ Bucket: name, Delete: { Objects: batch, Quiet: true } }),
          { abortSignal },
        )
        const failed = Errors?.find(({ Code }) => Code !== 'NoSuchKey' && Code !== 'NoSuchVersion')
        if (failed)
          throw Object.assign(new Error(failed.Message ?? ''), {
            name: failed.Code ?? 'UnknownError',
            $metadata: { httpStatusCode: 200 },
          })
      })
  }

  async function versioning(): Promise<Versioning> {
    try {
      const { Status } = await run('read versioning', undefined, (sdk, s3, abortSignal) =>
        s3.send(new sdk.GetBucketVersioningCommand({ Bucket: name }), { abortSignal }),
      )
      return Status === 'Enabled' ? 'enabled' : Status === 'Suspended' ? 'suspended' : 'off'
    } catch (error) {
      // A store that doesn't know versions has none.
      if (s3ProblemOf(error) === 'unsupported') return 'off'
      if (s3ProblemOf(error) === 'denied') return 'unknown'
      throw error
    }
  }

  async function removeAll(prefix: string, only = (_key: string) => true): Promise<Removed> {
    let objects = 0
    for await (const page of list(prefix)) {
      const found = page.filter(({ key }) => only(key))
      await deleteObjects(
        'delete',
        found.map(({ key }) => ({ Key: key })),
      )
      objects += found.length
    }
    if ((await recentVersioning()) === 'off') return { objects, versions: 0 }
    // The objects that were deleted before are among them now.
    return { objects, versions: Math.max(0, (await removeVersions(prefix, only)) - objects) }
  }

  /** Erasing a listener asks once for each of a hundred prefixes. */
  let known: { state: Promise<Versioning>; until: number } | undefined
  function recentVersioning(): Promise<Versioning> {
    if (!known || known.until < Date.now()) known = { state: versioning(), until: Date.now() + MINUTE }
    known.state.catch(() => (known = undefined))
    return known.state
  }

  /** Deletes all versions of objects, and the markers of deletions. @returns the number of versions */
  async function removeVersions(prefix: string, only: (key: string) => boolean): Promise<number> {
    let removed = 0
    let more: { KeyMarker?: string; VersionIdMarker?: string } | null = {}
    while (more) {
      const input: ListObjectVersionsCommandInput = { Bucket: name, Prefix: prefix, EncodingType: 'url', ...more }
      const page: ListObjectVersionsCommandOutput = await run('list versions', prefix, (sdk, s3, abortSignal) =>
        s3.send(new sdk.ListObjectVersionsCommand(input), { abortSignal }),
      )
      const decode = (key = '') => decodeKey(key, page.EncodingType)
      const versions = (page.Versions ?? []).map(({ Key, VersionId = 'null' }) => ({ Key: decode(Key), VersionId }))
      const markers = (page.DeleteMarkers ?? []).map(({ Key, VersionId = 'null' }) => ({ Key: decode(Key), VersionId }))
      await deleteObjects(
        'delete versions',
        [...versions, ...markers].filter(({ Key }) => only(Key)),
      )
      removed += versions.filter(({ Key }) => only(Key)).length
      more = page.IsTruncated
        ? { KeyMarker: decode(page.NextKeyMarker), VersionIdMarker: page.NextVersionIdMarker ?? 'null' }
        : null
    }
    return removed
  }

  return {
    name,
    put,
    async get(key, limits) {
      const { value, etag } = await read(key, limits, collect)
      return { bytes: value, etag }
    },
    async download(key, file, limits) {
      await read(key, limits, async (body, signal) => {
        const target = createWriteStream(file, { flags: 'wx', mode: 0o600 })
        try {
          await pipeline(body, target, { signal })
        } catch (error) {
          if (!target.pending) await rm(file, { force: true })
          throw error
        }
      })
    },
    stat,
    copy: (from, to, { ifMatch } = {}) =>
      run('copy', from, async (sdk, s3, abortSignal) => {
        const source = `${name}/${from}`.split('/').map(encodeURIComponent).join('/')
        const { CopyObjectResult } = await s3.send(
          new sdk.CopyObjectCommand({
            Bucket: name,
            Key: to,
            CopySource: source,
            ...(ifMatch ? { CopySourceIfMatch: ifMatch } : {}),
          }),
          { abortSignal },
        )
        return { etag: CopyObjectResult?.ETag ?? '' }
      }),
    list,
    deleteMany: (keys) =>
      deleteObjects(
        'delete',
        keys.map((Key) => ({ Key })),
      ),
    versioning,
    removeAll,
    close: () => void opened?.then(({ client: s3 }) => s3.destroy()),
  }
}

function makeClient(sdk: Sdk, { region, keys, endpoint, proxy }: BucketOptions): S3Client {
  // `proxyEnv` exists since Node 22.21; the types don't have it yet.
  const agent = { keepAlive: true, maxSockets: MAX_CONNECTIONS, ...(proxy ? { proxyEnv: proxy } : {}) }
  return new sdk.S3Client({
    ...(region ? { region } : endpoint ? { region: 'us-east-1' } : {}),
    ...(keys ? { credentials: { ...keys } } : {}),
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: RESPONSE_MS,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    },
    // The SDK would write warnings for people who develop with it.
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  })
}

interface Checksum {
  bytes: number
  /** As S3 writes it: four bytes in base64. */
  crc32: string
}

function checksumOf(content: Uint8Array): Checksum {
  return { bytes: content.length, crc32: base64(crc32(content)) }
}

async function checksumOfFile(file: string): Promise<Checksum> {
  let sum = 0
  for await (const chunk of createReadStream(file)) sum = crc32(chunk as Buffer, sum)
  return { bytes: (await statFile(file)).size, crc32: base64(sum) }
}

function base64(sum: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(sum)
  return bytes.toString('base64')
}

async function collect(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The same bytes. @throws when they are too many, or not all came */
async function* bounded(
  body: AsyncIterable<Buffer>,
  { key, maxBytes, expected }: { key: string; maxBytes: number; expected: number | undefined },
): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    // Leaving the loop closes the connection.
    if (bytes > maxBytes)
      throw new Stop(`An object in S3 is larger than ${Math.round(maxBytes / 1024 / 1024)} MB`, {
        remedy: 'Replace it with a smaller one.',
        context: { s3: 'too large', key },
      })
    yield chunk
  }
  if (expected !== undefined && bytes !== expected)
    throw new Error(`The object has ${expected} bytes, and ${bytes} came`)
}

const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG', 'EIO'])

/** Whether an error comes from a file on this machine. */
function isLocal(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return 'path' in error || ('code' in error && DISK_CODES.has(String(error.code)))
}

/** A key in a list, which S3 encodes like a form. */
function decodeKey(key: string, encoding: string | undefined): string {
  return encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key
}
