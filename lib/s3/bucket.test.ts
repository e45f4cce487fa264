import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Bucket, type BucketOptions, openBucket } from './bucket.ts'
import { type S3Server, startS3Server } from './testing/server.ts'

let server: S3Server
let options: BucketOptions
let bucket: Bucket
beforeAll(async () => {
  server = await startS3Server()
  options = server.bucket('lake')
  bucket = openBucket(options)
})
afterEach(() => {
  server.clearFaults()
  server.skewMs = 0
  server.takeCounts()
})
afterAll(() => server.stop())

const MAX = { maxBytes: 1024 * 1024 }
const put = (to: Bucket, key = 'page.json') => to.put(key, Buffer.from('{"items": []}'))

/** Another client of the same server. */
const opened = (changes: Partial<BucketOptions>) => openBucket({ ...options, ...changes })

/** A client whose key may do this. */
const allowedTo = (...allows: string[]) => opened({ keys: server.addKey({ allows }) })

interface BadBucket {
  name: string
  work: () => Promise<unknown>
  s3: string
  message?: string
  remedy: string
}

test.for<BadBucket>([
  {
    name: 'a bucket that does not exist',
    work: () => put(opened({ bucket: 'elsewhere' })),
    s3: 'no bucket',
    message: 'The S3 bucket elsewhere does not exist',
    remedy: 'Correct its name',
  },
  {
    name: 'another region',
    work: () => put(opened({ region: 'us-east-1' })),
    s3: 'region',
    remedy: 'Set the region to eu-central-1.',
  },
  {
    name: 'a redirect to another region',
    work: () => {
      server.inject({ fails: 'PermanentRedirect' })
      return put(bucket)
    },
    s3: 'region',
    remedy: 'Set its region',
  },
  {
    name: 'an unknown key',
    work: () => put(opened({ keys: { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' } })),
    s3: 'keys',
    remedy: 'Check that the key exists',
  },
  {
    name: 'a wrong secret',
    work: () => put(opened({ keys: { ...server.keys, secretAccessKey: 'wrong' } })),
    s3: 'keys',
    message: 'S3 does not accept the access key',
    remedy: 'its secret was copied completely',
  },
  {
    name: 'an expired key',
    work: () => put(opened({ keys: server.addKey({ isValid: false, sessionToken: 'old' }) })),
    s3: 'expired',
    message: 'The access key for S3 has expired',
    remedy: 'Set a new one',
  },
  {
    name: 'a key that may only read',
    work: () => put(allowedTo('s3:GetObject', 's3:ListBucket')),
    s3: 'denied',
    message: 'Tracklake may not write objects in the S3 bucket lake',
    remedy: 'Allow s3:PutObject',
  },
  {
    name: 'a missing object without the permission to list',
    work: () => allowedTo('s3:GetObject').get('nowhere', MAX),
    s3: 'denied',
    remedy: 'Allow s3:GetObject and s3:ListBucket',
  },
  {
    name: 'a key that may not delete',
    work: () => allowedTo('s3:ListBucket').deleteMany(['page.json']),
    s3: 'denied',
    remedy: 'Allow s3:DeleteObject for',
  },
  {
    name: 'a store that is full',
    work: () => put(openBucket(server.bucket('small', { maxBytes: 4 }))),
    s3: 'other',
    message: 'The S3 bucket small is full',
    remedy: 'Free some space',
  },
  {
    name: 'a store without copies',
    work: () => {
      server.inject({ operation: 'CopyObject', fails: 'NotImplemented' })
      return bucket.copy('page.json', 'other.json')
    },
    s3: 'unsupported',
    remedy: 'requires conditional writes',
  },
  {
    name: 'a server that is not there',
    work: () => put(opened({ endpoint: 'http://127.0.0.1:9' })),
    s3: 'unreachable',
    message: 'S3 cannot be reached',
    remedy: 'check the region, S3_ENDPOINT',
  },
  {
    name: 'a server that asks everybody to slow down',
    work: () => {
      server.inject({ fails: 'SlowDown' })
      return bucket.deleteMany(['page.json'])
    },
    s3: 'busy',
    message: 'The S3 bucket lake is busy',
    remedy: 'Nothing to do',
  },
  {
    name: 'a clock that the SDK cannot correct',
    work: () => {
      server.inject({ fails: 'RequestTimeTooSkewed' })
      return bucket.deleteMany(['page.json'])
    },
    s3: 'clock',
    remedy: 'Set the clock',
  },
])('$name: the work waits, and the remedy says why', async ({ work, s3, message, remedy }) => {
  await expect(work()).rejects.toMatchObject({
    recovery: 'wait',
    context: { s3 },
    remedy: expect.stringContaining(remedy),
    ...(message ? { message } : {}),
  })
})

test('a clock that is 20 minutes off does not matter', async () => {
  server.skewMs = 20 * 60_000
  await put(bucket, 'skewed')
  for (const minutes of [-20, 0]) {
    server.skewMs = minutes * 60_000
    expect((await bucket.get('skewed', MAX)).bytes.toString()).toBe('{"items": []}')
  }
})

test('a busy server and a cut connection are tried again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-s3-'))
  const file = join(folder, 'file')
  await writeFile(file, 'from a file')
  server.inject({ operation: 'PutObject', fails: 'SlowDown', times: 1 })
  server.inject({ operation: 'PutObject', fails: 'reset', after: 1, times: 1 })
  await put(bucket, 'tried')
  server.clearFaults()
  server.inject({ operation: 'PutObject', fails: 'reset', times: 2 })
  await bucket.put('from-file', { file })
  server.inject({ operation: 'GetObject', fails: 'cut', times: 2 })
  expect((await bucket.get('from-file', MAX)).bytes.toString()).toBe('from a file')
  await rm(folder, { recursive: true })
})

test('a connection that is always cut ends as a Wait', async () => {
  await put(bucket, 'cut')
  server.inject({ operation: 'GetObject', fails: 'cut' })
  await expect(bucket.get('cut', MAX)).rejects.toMatchObject({ recovery: 'wait', context: { s3: 'unreachable' } })
})

test('a conditional write whose response got lost recognizes itself, and nobody else', async () => {
  server.inject({ operation: 'PutObject', fails: 'lost', times: 1 })
  const { etag } = await bucket.put('lost', Buffer.from('mine'), { ifMissing: true })
  expect(await bucket.stat('lost')).toMatchObject({ etag })
  server.clearFaults()
  server.inject({ operation: 'PutObject', fails: 'SlowDown', times: 1 })
  await expect(bucket.put('lost', Buffer.from('ours'), { ifMissing: true })).rejects.toMatchObject({
    context: { s3: 'changed' },
  })
})

test('two writes of one object at once: the later one is repeated', async () => {
  server.inject({ operation: 'PutObject', fails: 'ConditionalRequestConflict', times: 2 })
  await bucket.put('conflict', Buffer.from('1'), { ifMissing: true })
  expect(server.contents('lake')).toContain('conflict')
})

test('only the expected content is copied', async () => {
  const first = await put(bucket, 'source')
  const second = await bucket.put('source', Buffer.from('second'))
  const copy = (ifMatch: string) => bucket.copy('source', 'copied', { ifMatch })
  await expect(copy(first.etag)).rejects.toMatchObject({ recovery: 'stop', context: { s3: 'changed' } })
  await copy(second.etag)
  expect((await bucket.get('copied', MAX)).bytes.toString()).toBe('second')
})

test('damage on the way is noticed', async () => {
  await put(bucket, 'damaged')
  const version = server.state('lake').objects.get('damaged')?.at(-1)
  if (version) version.body = Buffer.from('{"items": [1]}')
  await expect(bucket.get('damaged', MAX)).rejects.toMatchObject({ recovery: 'wait' })
})

test('versions that cannot be deleted are reported with what would help', async () => {
  const locked = openBucket(server.bucket('locked', { versioning: 'Enabled', isLocked: true }))
  await put(locked, 'a/1')
  await expect(locked.removeAll('a/')).rejects.toMatchObject({
    message: 'Tracklake may not delete earlier versions in the S3 bucket locked',
    remedy: expect.stringContaining('Object Lock'),
  })
  const blind = opened({
    bucket: 'locked',
    keys: server.addKey({ allows: ['s3:ListBucket', 's3:DeleteObject'] }),
  })
  expect(await blind.versioning()).toBe('unknown')
  await expect(blind.removeAll('a/')).rejects.toMatchObject({
    remedy: expect.stringContaining('s3:ListBucketVersions'),
  })
})

test('one request deletes a thousand objects', async () => {
  server.takeCounts()
  await bucket.deleteMany(Array.from({ length: 1_001 }, (_, index) => `none/${index}`))
  expect(server.takeCounts()).toEqual({ DeleteObjects: 2 })
})

test.for([
  { bucket: 'Upper' },
  { bucket: 'a/b' },
  { bucket: '127.0.0.1' },
  { bucket: 'x@internal.example' },
  { region: 'eu.example/', endpoint: undefined },
  { region: 'eu-central', endpoint: undefined },
])('refuses %j, which would change the address', (changes) => {
  expect(() => opened(changes)).toThrow('The S3 bucket cannot be used')
})
