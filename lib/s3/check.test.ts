import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBucket } from './bucket.ts'
import { checkBucket } from './check.ts'
import { type S3Server, startS3Server } from './testing/server.ts'

let server: S3Server
beforeAll(async () => {
  server = await startS3Server()
})
afterAll(() => server.stop())

test('a bucket that can be used is left as it was', async () => {
  const plain = openBucket(server.bucket('plain'))
  expect(await checkBucket(plain, 'zone')).toEqual({ versioning: 'off', advice: null })
  const versioned = openBucket(server.bucket('versions', { versioning: 'Enabled' }))
  const { versioning, advice } = await checkBucket(versioned, '')
  expect(versioning).toBe('enabled')
  expect(advice?.remedy).toContain('lifecycle rule')
  for (const name of ['plain', 'versions']) expect([...server.state(name).objects.keys()]).toEqual([])
})

const ALL = ['s3:PutObject', 's3:GetObject', 's3:DeleteObject', 's3:ListBucket', 's3:GetBucketVersioning']

test.for(ALL)('names the missing permission %s', async (permission) => {
  const keys = server.addKey({ allows: ALL.filter((one) => one !== permission) })
  const check = checkBucket(openBucket({ ...server.bucket(`without-${ALL.indexOf(permission)}`), keys }), 'zone')
  // Without this one, it may keep versions, and what deletes them is missing as well.
  const named = permission === 's3:GetBucketVersioning' ? 's3:ListBucketVersions' : permission
  await expect(check).rejects.toMatchObject({ remedy: expect.stringContaining(named) })
})
