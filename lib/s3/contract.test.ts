import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestBucket, type TestBucket } from '#testing/s3/test-bucket.ts'
import type { Bucket } from './bucket.ts'

/** What Tracklake relies on in S3. `npm run test:s3` runs this against any endpoint. */

let opened: TestBucket
beforeAll(async () => {
  opened = await openTestBucket()
})
afterAll(() => opened?.stop())

const MAX = { maxBytes: 1024 * 1024 }
const at = (key: string) => `${opened.prefix}/${key}`
const text = async (bucket: Bucket, key: string) => (await bucket.get(key, MAX)).bytes.toString()

async function listed(bucket: Bucket, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const page of bucket.list(prefix)) keys.push(...page.map(({ key }) => key))
  return keys
}

test.for(['plain.json', 'with space+plus%20&<>"\'.csv', 'Ünïcode 🎧/عمرو.json', 'a=b/c@d:e.parquet'])(
  'an object with the key %j is stored, read, listed, copied and deleted',
  async (name) => {
    const { bucket } = opened
    const [key, copy] = [at(`keys/${name}`), at(`copies/${name}`)]
    const { etag, bytes } = await bucket.put(key, Buffer.from('first'), { type: 'application/json' })
    expect(bytes).toBe(5)
    expect(await bucket.get(key, { ...MAX, ifMatch: etag })).toEqual({ bytes: Buffer.from('first'), etag })
    expect(await bucket.stat(key)).toMatchObject({ key, bytes: 5, etag })
    await bucket.copy(key, copy)
    expect(await text(bucket, copy)).toBe('first')
    expect(await listed(bucket, at('keys/'))).toContain(key)
    await bucket.deleteMany([key, copy])
    expect(await bucket.stat(key)).toBeNull()
    await bucket.deleteMany([key])
  },
)

test('a second put replaces the first, and a reader of the first learns it', async () => {
  const { bucket } = opened
  const first = await bucket.put(at('twice'), Buffer.from('first'))
  const second = await bucket.put(at('twice'), Buffer.from('second'))
  expect(second.etag).not.toBe(first.etag)
  await expect(bucket.get(at('twice'), { ...MAX, ifMatch: first.etag })).rejects.toMatchObject({
    recovery: 'stop',
    context: { s3: 'changed' },
  })
})

test('a file is stored without being read into memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-s3-'))
  const file = join(folder, 'data.parquet')
  const content = Buffer.alloc(300_000, 'tracklake ')
  await writeFile(file, content)
  await opened.bucket.put(at('file'), { file })
  expect((await opened.bucket.get(at('file'), MAX)).bytes.equals(content)).toBe(true)
  await expect(opened.bucket.get(at('file'), { maxBytes: 100_000 })).rejects.toMatchObject({
    context: { s3: 'too large' },
  })
  await rm(folder, { recursive: true })
})

test('a missing object is a Stop for readers and copies', async () => {
  const missing = { recovery: 'stop', context: { s3: 'missing' } }
  await expect(opened.bucket.get(at('nowhere'), MAX)).rejects.toMatchObject(missing)
  await expect(opened.bucket.copy(at('nowhere'), at('elsewhere'))).rejects.toMatchObject(missing)
  await expect(opened.bucket.put(at('nowhere'), Buffer.from('x'), { ifMatch: '"00"' })).rejects.toMatchObject({
    recovery: 'stop',
  })
})

test('of many that create an object, one succeeds', async () => {
  const { bucket } = opened
  const tries = Array.from({ length: 20 }, (_, number) =>
    bucket.put(at('race'), Buffer.from(String(number)), { ifMissing: true }),
  )
  const ends = await Promise.allSettled(tries)
  const winners = ends.flatMap((end, number) => (end.status === 'fulfilled' ? [String(number)] : []))
  expect(winners).toHaveLength(1)
  expect(await text(bucket, at('race'))).toBe(winners[0])
  for (const end of ends)
    if (end.status === 'rejected') expect(end.reason).toMatchObject({ context: { s3: 'changed' } })
})

test('an object is only replaced by who knows it', async () => {
  const { bucket } = opened
  const first = await bucket.put(at('owned'), Buffer.from('1'), { ifMissing: true })
  const second = await bucket.put(at('owned'), Buffer.from('2'), { ifMatch: first.etag })
  const late = bucket.put(at('owned'), Buffer.from('3'), { ifMatch: first.etag })
  await expect(late).rejects.toMatchObject({ recovery: 'stop', context: { s3: 'changed' } })
  expect(await bucket.stat(at('owned'))).toMatchObject({ etag: second.etag })
})

test('lists and deletes more than a thousand, and nothing beside the prefix', async () => {
  const { bucket } = opened
  const names = Array.from({ length: 1_003 }, (_, index) => at(`many/${String(index).padStart(4, '0')}`))
  for (let start = 0; start < names.length; start += 30)
    await Promise.all(names.slice(start, start + 30).map((key) => bucket.put(key, Buffer.from('x'))))
  await bucket.put(at('many-others'), Buffer.from('x'))
  const pages: number[] = []
  for await (const page of bucket.list(at('many/'))) pages.push(page.length)
  expect(pages).toEqual([1000, 3])
  expect(await listed(bucket, at('many/'))).toEqual(names)
  expect(await bucket.removeAll(at('many/'))).toEqual({ objects: 1_003, versions: 0 })
  expect(await bucket.removeAll(at('many/'))).toEqual({ objects: 0, versions: 0 })
  expect(await listed(bucket, at('many'))).toEqual([at('many-others')])
})

test('deletes everything from a bucket that keeps versions, and counts them', async ({ skip }) => {
  const { versioned } = opened
  // An endpoint without such a bucket can't show it.
  if (!versioned) return skip()
  expect(await versioned.versioning()).toBe('enabled')
  for (const content of ['1', '2', '3']) await versioned.put(at('kept'), Buffer.from(content))
  await versioned.put(at('gone'), Buffer.from('1'))
  await versioned.deleteMany([at('gone')])
  await versioned.put(`${opened.prefix}-beside`, Buffer.from('1'))
  expect(await versioned.removeAll(`${opened.prefix}/`)).toEqual({ objects: 1, versions: 3 })
  expect(await versioned.removeAll(`${opened.prefix}/`)).toEqual({ objects: 0, versions: 0 })
  expect(await versioned.removeAll(`${opened.prefix}-beside`)).toEqual({ objects: 1, versions: 0 })
})
