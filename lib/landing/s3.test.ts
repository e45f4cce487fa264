import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openBucket } from '#lib/s3/bucket.ts'
import { type S3Server, startS3Server } from '#lib/s3/testing/server.ts'
import type { Landing } from './landing.ts'
import { s3Landing } from './s3.ts'

const BODY = JSON.stringify({ items: [{ name: 'Ünïcode 🎧' }], total: 1 })
const page = (number: number) => ({
  from: `raw_data/to_process/a/${number}.gz`,
  to: `raw_data/processed/a/${number}.gz`,
})
const pages = Array.from({ length: 20 }, (_, number) => page(number))

let server: S3Server
let landing: Landing
let buckets = 0
let name: string
beforeAll(async () => {
  server = await startS3Server()
})
beforeEach(() => {
  name = `landing-${++buckets}`
  landing = s3Landing(openBucket(server.bucket(name)), 'zone')
})
afterEach(() => server.clearFaults())
afterAll(() => server.stop())

test('an object that somebody else has replaced is damaged', async () => {
  const { etag } = await landing.put('page.gz', BODY)
  await landing.put('page.gz', '{"items":[]}')
  await expect(landing.get('page.gz', etag)).rejects.toMatchObject({
    recovery: 'stop',
    message: 'A stored response from Spotify is damaged',
    context: { damaged: true },
  })
})

test('a page is one request, and many moves share one deletion', async () => {
  server.takeCounts()
  for (const { from } of pages) await landing.put(from, BODY)
  expect(server.takeCounts()).toEqual({ PutObject: 20 })
  await landing.moveMany(pages)
  expect(server.takeCounts()).toEqual({ CopyObject: 20, DeleteObjects: 1 })
})

test('a move that ended between its copies and its deletion is completed by the next one', async () => {
  for (const { from } of pages) await landing.put(from, BODY)
  server.inject({ operation: 'DeleteObjects', fails: 'AccessDenied' })
  const ends = await landing.moveMany(pages)
  expect(ends.every((end) => 'failure' in end)).toBe(true)
  expect(server.contents(name)).toHaveLength(40)
  server.clearFaults()
  expect((await landing.moveMany(pages)).every((end) => 'etag' in end && end.etag)).toBe(true)
  expect(server.contents(name, 'zone/raw_data/to_process')).toEqual([])
  expect(server.contents(name, 'zone/raw_data/processed')).toHaveLength(20)
})

test('a bucket that refuses is asked a few times, not once for each object', async () => {
  const many = Array.from({ length: 60 }, (_, number) => page(number))
  server.inject({ operation: 'CopyObject', fails: 'AccessDenied' })
  server.takeCounts()
  const ends = await landing.moveMany(many)
  expect(server.takeCounts().CopyObject).toBeLessThanOrEqual(16)
  expect(ends).toHaveLength(60)
  for (const end of ends) expect(end).toMatchObject({ failure: { recovery: 'wait', context: { s3: 'denied' } } })
})

test('objects in a bucket that was deleted may come back with it', async () => {
  await landing.put('page.gz', BODY)
  server.deleteBucket(name)
  const waits = { recovery: 'wait', message: `The S3 bucket ${name} does not exist` }
  await expect(landing.get('page.gz')).rejects.toMatchObject(waits)
  expect(await landing.moveMany([page(0)])).toMatchObject([{ failure: waits }])
  await expect(landing.removeAll('a')).rejects.toMatchObject(waits)
})

test('a bucket that keeps versions keeps none of them after a deletion', async () => {
  server.bucket(name, { versioning: 'Enabled' })
  for (const text of ['1', '2', '3']) await landing.put('a/page.gz', text)
  await landing.moveMany([{ from: 'a/page.gz', to: 'b/page.gz' }])
  await landing.put('a/other.gz', BODY)
  expect(await landing.removeAll('a')).toEqual({ objects: 1, versions: 3 })
  expect([...server.state(name).objects.keys()]).toEqual(['zone/b/page.gz'])
})
