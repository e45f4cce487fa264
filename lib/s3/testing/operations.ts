import { S3Error } from './errors.ts'
import type { AccessKey, SignedRequest } from './signature.ts'
import {
  type BucketState,
  checksumOf,
  current,
  keysOf,
  remove,
  requireConditions,
  type Version,
  write,
} from './store.ts'

/** The operations of the test server: those that the product uses, and no others. */

export interface Reply {
  status?: number
  headers?: Record<string, string>
  body?: Buffer | string
}

export interface Call extends SignedRequest {
  bucket: BucketState
  key: string
  signer: AccessKey
  at: Date
}

export interface Operation {
  name: string
  action: string
  run(call: Call): Reply
}

/** Finds the operation of a request; undefined if the server doesn't have it. */
export function operationOf({ method, url, headers }: SignedRequest, key: string): Operation | undefined {
  const has = (name: string) => url.searchParams.has(name)
  if (key === '') {
    if (method === 'GET' && has('versioning')) return getVersioning
    if (method === 'GET' && has('versions')) return listVersions
    if (method === 'GET' && url.searchParams.get('list-type') === '2') return listObjects
    if (method === 'POST' && has('delete')) return deleteObjects
    return undefined
  }
  if (method === 'GET') return getObject
  if (method === 'HEAD')
    return { ...getObject, name: 'HeadObject', run: (call) => ({ ...getObject.run(call), body: '' }) }
  if (method === 'PUT') return headers['x-amz-copy-source'] ? copyObject : putObject
  if (method === 'DELETE') return deleteObject
  return undefined
}

export function requireAllowed({ allows }: AccessKey, action: string): void {
  if (allows && !allows.includes(action)) throw new S3Error('AccessDenied')
}

const text = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value)

const getObject: Operation = {
  name: 'GetObject',
  action: 's3:GetObject',
  run({ bucket, key, headers, signer }) {
    const found = current(bucket, key)
    // Without the permission to list, S3 doesn't say that an object is missing.
    if (!found?.body)
      throw new S3Error(signer.allows?.includes('s3:ListBucket') === false ? 'AccessDenied' : 'NoSuchKey')
    requireConditions(found, { ifMatch: text(headers['if-match']) })
    return {
      headers: {
        ...describe(found),
        'content-type': found.type,
        'content-length': String(found.body.length),
        'last-modified': found.modifiedAt.toUTCString(),
        ...(headers['x-amz-checksum-mode'] === 'ENABLED' ? { 'x-amz-checksum-crc32': found.crc32 } : {}),
      },
      body: found.body,
    }
  },
}

const putObject: Operation = {
  name: 'PutObject',
  action: 's3:PutObject',
  run({ bucket, key, headers, body, at }) {
    if (String(headers['content-encoding'] ?? '').includes('aws-chunked')) throw new S3Error('NotImplemented')
    const checksum = text(headers['x-amz-checksum-crc32'])
    if (checksum !== undefined && checksum !== checksumOf(body)) throw new S3Error('BadDigest')
    requireConditions(current(bucket, key), {
      ifMatch: text(headers['if-match']),
      ifNoneMatch: text(headers['if-none-match']),
    })
    return { headers: describe(write(bucket, key, body, text(headers['content-type']) ?? '', at)) }
  },
}

const copyObject: Operation = {
  name: 'CopyObject',
  action: 's3:PutObject',
  run({ bucket, key, headers, signer, at }) {
    requireAllowed(signer, 's3:GetObject')
    const [name, ...rest] = decodeURIComponent(text(headers['x-amz-copy-source']) ?? '')
      .replace(/^\//, '')
      .split('/')
    // From another bucket is possible in S3; the product never does it.
    if (name !== bucket.name) throw new S3Error('NotImplemented')
    const source = current(bucket, rest.join('/'))
    if (!source?.body) throw new S3Error('NoSuchKey')
    requireConditions(source, { ifMatch: text(headers['x-amz-copy-source-if-match']) })
    requireConditions(current(bucket, key), { ifNoneMatch: text(headers['if-none-match']) })
    const made = write(bucket, key, source.body, source.type, at)
    return xml(
      `<CopyObjectResult><ETag>${escapeXml(made.etag)}</ETag><LastModified>${at.toISOString()}</LastModified></CopyObjectResult>`,
    )
  },
}

const deleteObject: Operation = {
  name: 'DeleteObject',
  action: 's3:DeleteObject',
  run({ bucket, key, url, at }) {
    remove(bucket, key, url.searchParams.get('versionId') ?? undefined, at)
    return { status: 204 }
  },
}

const deleteObjects: Operation = {
  name: 'DeleteObjects',
  action: 's3:DeleteObject',
  run({ bucket, headers, body, signer, at }) {
    const checksum = text(headers['x-amz-checksum-crc32'])
    if (checksum === undefined || checksum !== checksumOf(body)) throw new S3Error('BadDigest')
    const objects = [...body.toString('utf8').matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, object = '']) => ({
      key: unescapeXml(/<Key>(.*?)<\/Key>/s.exec(object)?.[1] ?? ''),
      version: /<VersionId>(.*?)<\/VersionId>/s.exec(object)?.[1],
    }))
    if (objects.length === 0 || objects.length > 1000) throw new S3Error('MalformedXML')
    const errors = objects.flatMap(({ key, version }) => {
      try {
        if (version !== undefined) requireAllowed(signer, 's3:DeleteObjectVersion')
        remove(bucket, key, version, at)
        return []
      } catch (error) {
        if (!(error instanceof S3Error)) throw error
        return [`<Error><Key>${escapeXml(key)}</Key><Code>${error.code}</Code><Message>${error.code}</Message></Error>`]
      }
    })
    return xml(`<DeleteResult>${errors.join('')}</DeleteResult>`)
  },
}

const getVersioning: Operation = {
  name: 'GetBucketVersioning',
  action: 's3:GetBucketVersioning',
  run: ({ bucket: { versioning } }) =>
    xml(
      `<VersioningConfiguration>${versioning === 'off' ? '' : `<Status>${versioning}</Status>`}</VersioningConfiguration>`,
    ),
}

const MAX_KEYS = 1000

const listObjects: Operation = {
  name: 'ListObjectsV2',
  action: 's3:ListBucket',
  run({ bucket, url }) {
    const after = fromToken(url.searchParams.get('continuation-token'))
    const all = keysOf(bucket, url.searchParams.get('prefix') ?? '').filter((key) => current(bucket, key))
    const rest = all.filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)
    const shown = rest.slice(0, Math.min(MAX_KEYS, Number(url.searchParams.get('max-keys') ?? MAX_KEYS)))
    const isTruncated = shown.length < rest.length
    const encode = encoderOf(url)
    const contents = shown.map((key) => {
      const { etag, body, modifiedAt } = current(bucket, key) as Version
      return `<Contents><Key>${encode(key)}</Key><LastModified>${modifiedAt.toISOString()}</LastModified><ETag>${escapeXml(etag)}</ETag><Size>${body?.length}</Size></Contents>`
    })
    const next = isTruncated ? `<NextContinuationToken>${toToken(shown.at(-1) ?? '')}</NextContinuationToken>` : ''
    return xml(
      `<ListBucketResult>${encodingOf(url)}<IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
    )
  },
}

const listVersions: Operation = {
  name: 'ListObjectVersions',
  action: 's3:ListBucketVersions',
  run({ bucket, url }) {
    const marker = [url.searchParams.get('key-marker') ?? '', url.searchParams.get('version-id-marker') ?? '']
    const all = keysOf(bucket, url.searchParams.get('prefix') ?? '').flatMap((key) =>
      [...(bucket.objects.get(key) ?? [])].reverse().map((version) => ({ key, version })),
    )
    const start =
      marker[0] === '' ? 0 : 1 + all.findIndex(({ key, version }) => key === marker[0] && version.id === marker[1])
    const shown = all.slice(start, start + MAX_KEYS)
    const last = shown.at(-1)
    const isTruncated = start + shown.length < all.length
    const encode = encoderOf(url)
    const entries = shown.map(({ key, version }) => {
      const name = version.body === null ? 'DeleteMarker' : 'Version'
      const size =
        version.body === null ? '' : `<ETag>${escapeXml(version.etag)}</ETag><Size>${version.body.length}</Size>`
      return `<${name}><Key>${encode(key)}</Key><VersionId>${version.id}</VersionId>${size}</${name}>`
    })
    const next =
      isTruncated && last
        ? `<NextKeyMarker>${encode(last.key)}</NextKeyMarker><NextVersionIdMarker>${last.version.id}</NextVersionIdMarker>`
        : ''
    return xml(
      `<ListVersionsResult>${encodingOf(url)}<IsTruncated>${isTruncated}</IsTruncated>${next}${entries.join('')}</ListVersionsResult>`,
    )
  },
}

function describe({ etag, id }: Version): Record<string, string> {
  return { etag, ...(id === 'null' ? {} : { 'x-amz-version-id': id }) }
}

const isEncoded = (url: URL) => url.searchParams.get('encoding-type') === 'url'
const encodingOf = (url: URL) => (isEncoded(url) ? '<EncodingType>url</EncodingType>' : '')
const encoderOf = (url: URL) => (key: string) =>
  isEncoded(url) ? encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/') : escapeXml(key)

const toToken = (key: string) => Buffer.from(key).toString('base64url')
const fromToken = (token: string | null) => Buffer.from(token ?? '', 'base64url').toString('utf8')

export function xml(body: string): Reply {
  return {
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  }
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }
export const escapeXml = (value: string) => value.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)
const unescapeXml = (value: string) =>
  Object.entries(ENTITIES)
    .reduce((out, [sign, entity]) => out.replaceAll(entity, sign), value)
    .replaceAll('&amp;', '&')
