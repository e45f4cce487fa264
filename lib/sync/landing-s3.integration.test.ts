import { rmSync } from 'node:fs'
import { expect, vi } from 'vitest'
import { erase } from '#lib/accounts/erase.ts'
import { DAY, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { health } from '#lib/ops/health.ts'
import { startS3Server } from '#lib/s3/testing/server.ts'
import { duckdbFile, landing } from '#lib/storage/places.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { landingInS3 } from '#testing/s3/test-landing.ts'
import { expectAllTables, expectSavedTracks } from '#testing/sync/expected.ts'
import { test } from '#testing/sync/fixture.ts'
import { loadAll, runJobs, runNow, runOf, runToEnd } from '#testing/sync/run-jobs.ts'
import { packLanding } from './pack-landing.ts'
import { sweepLanding } from './sweep-landing.ts'

/** A landing zone in S3, from the first run to the deletion. */

const SAVED = 'user_saved_tracks_stream'

const s3 = await startS3Server()
s3.bucket('landing', { versioning: 'Enabled' })
test.override('options', [
  {
    ...landingInS3(s3),
  },
])

test.beforeEach(() => s3.clearFaults())
test.afterAll(() => s3.stop())

const keys = (userId: string, folder = '') =>
  s3.contents('landing', `zone/raw_data/${folder}`).filter((key) => key.includes(`/${userId}/`))

test('a listener is synced, packed, rebuilt and deleted, with everything that a versioned bucket keeps', async ({
  harness,
  listener,
}) => {
  const { userId, name, runId } = listener
  s3.takeCounts()
  await runToEnd(harness, runId)
  await expectAllTables(harness, userId, name)
  await sweepLanding()
  const landed = await db().landedObject.count({ where: { read: { userId } } })
  expect(s3.takeCounts()).toMatchObject({ PutObject: landed, CopyObject: landed })
  expect(keys(userId, 'to_process')).toEqual([])
  expect(keys(userId, 'processed')).toHaveLength(landed)
  expect(await db().landedObject.count({ where: { read: { userId }, etag: null } })).toBe(0)

  await db().$executeRaw`update "LandedObject" set bytes = bytes + 65536`
  expect(await packLanding(new Date(Date.now() + 2 * DAY))).toBeGreaterThan(0)
  expect(keys(userId, 'packed')).not.toEqual([])

  await (await openDuckdb(duckdbFile(userId))).close()
  rmSync(duckdbFile(userId))
  await loadAll((await db().warehouseConnection.findFirstOrThrow({ where: { userId } })).id)
  await expectAllTables(harness, userId, name)

  const objects = keys(userId).length
  const versions = [...s3.state('landing').objects].flatMap(([key, all]) =>
    key.includes(`/${userId}/`) ? all.filter(({ body }) => body) : [],
  )
  const receipt = await erase(userId, name)
  expect(receipt).toMatchObject({ landedObjects: objects, landedVersions: versions.length - objects })
  expect(receipt.landedVersions).toBeGreaterThan(objects)
  expect([...s3.state('landing').objects.keys()].filter((key) => key.includes(userId))).toEqual([])
})

test.for([
  ['SlowDown', 'The S3 bucket landing is busy', 'Nothing to do'],
  ['ExpiredToken', 'The access key for S3 has expired', 'Set a new one'],
  ['AccessDenied', 'Tracklake may not write objects in the S3 bucket landing', 's3:PutObject'],
] as const)(
  'a bucket that responds with %s for long fails no sync',
  async ([fails, message, remedy], { harness, listener }) => {
    const { userId, name, runId } = listener
    s3.inject({ operation: 'PutObject', key: userId, after: 3, fails })
    const waiting = await runToEnd(harness, runId, [SAVED])
    expect(waiting.streams[SAVED]).toMatchObject({
      state: 'waiting',
      problem: message,
      remedy: expect.stringContaining(remedy),
    })
    s3.clearFaults()
    const { id = '', attempt = 0 } = waiting.streams[SAVED] ?? {}
    await runJobs([{ streamRunId: id, attempt, listenerId: userId }])
    expect((await runOf(runId)).streams[SAVED]).toMatchObject({ state: 'succeeded' })
    await expectSavedTracks(harness, userId, name)
  },
)

test('a page that another program has replaced is not loaded; it is read again', async ({ harness, listener }) => {
  const { userId, name, runId } = listener
  s3.inject({ operation: 'GetObject', key: userId, fails: 'AccessDenied' })
  await runToEnd(harness, runId, [SAVED])
  const [first] = await db().landedObject.findMany({ where: { read: { userId } }, orderBy: { page: 'asc' } })
  await landing().put(first?.path ?? '', '{"items":[],"total":0}')
  s3.clearFaults()
  const { id } = await db().warehouseConnection.findFirstOrThrow({ where: { userId } })
  await loadAll(id)
  expect((await runOf(runId)).streams[SAVED]).toMatchObject({
    state: 'failed',
    problem: 'A stored response from Spotify is damaged',
    remedy: expect.stringContaining('Re-run'),
  })
  await runNow(harness, userId, [SAVED])
  await expectSavedTracks(harness, userId, name)
})

test('health says for how long the bucket cannot be used, and not why', async () => {
  const zone = async () => (await health()).checks.find(({ name }) => name === 'landing zone')
  vi.useFakeTimers({ toFake: ['Date'] })
  expect(await zone()).toMatchObject({ status: 'ok' })
  s3.inject({ operation: 'ListObjectsV2', fails: 'AccessDenied' })
  vi.setSystemTime(Date.now() + 6 * MINUTE)
  expect(await zone()).toEqual({
    name: 'landing zone',
    status: 'degraded',
    detail: 'its bucket cannot be used: syncs wait until it can',
  })
  s3.clearFaults()
  vi.setSystemTime(Date.now() + 2 * MINUTE)
  expect(await zone()).toMatchObject({ status: 'ok' })
})
