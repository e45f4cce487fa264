import { expect } from 'vitest'
import { connections } from '#lib/accounts/status.ts'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { recordDenied } from '#lib/quota/capabilities.ts'
import { availableStreams } from '#lib/schedule/plan.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import { runToEnd } from '#testing/sync/run-jobs.ts'
import { probeCapabilities } from './probe-capabilities.ts'

const CHART = 'global_top_tracks_daily_stream'
const NAME = 'Global top 50, daily'
const PATH = '/playlists/37i9dQZEVXbMDoHDwVN2tF/items'

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
  await db().user.deleteMany()
  await db().capabilityDenial.deleteMany()
  await db().spotifyApp.updateMany({ data: { capabilities: {} } })
})

const after = (ms: number) => new Date(Date.now() + ms)

async function isPlanned({ userId }: TestListener): Promise<boolean> {
  return (await availableStreams(userId)).includes(CHART)
}

async function shownAs({ userId }: TestListener): Promise<boolean | null | undefined> {
  const { capabilities } = (await connections({ id: userId })).spotify
  return capabilities.find(({ name }) => name === NAME)?.available
}

test('one denial removes a stream from runs for an hour; then one request decides', async ({ harness, listener }) => {
  const run = await runToEnd(harness, listener.runId, [CHART])
  expect(run.streams[CHART]?.state).toBe('skipped')
  expect(await isPlanned(listener)).toBe(false)
  const before = (await harness.stats()).requests
  await probeCapabilities(after(50 * MINUTE))
  expect((await harness.stats()).requests).toEqual(before)
  await Promise.all([1, 2].map(() => probeCapabilities(after(61 * MINUTE))))
  const total = Object.values((await harness.stats()).requests).reduce((sum, count) => sum + count, 0)
  expect(total - Object.values(before).reduce((sum, count) => sum + count, 0)).toBe(1)
  expect(await db().capabilityDenial.findMany({ where: { capability: NAME } })).toMatchObject([{ refusals: 2 }])
  expect(await isPlanned(listener)).toBe(false)
  expect(await shownAs(listener)).toBe(false)
})

test('denials at the same time count once', async ({ listener }) => {
  expect(await isPlanned(listener)).toBe(true)
  const { id } = await db().spotifyApp.findFirstOrThrow()
  await Promise.all([1, 2, 3].map(() => recordDenied(id, NAME, new Date())))
  await recordDenied(id, NAME, after(5 * MINUTE))
  expect(await db().capabilityDenial.findMany()).toMatchObject([{ refusals: 1 }])
})

test('nothing is concluded from a response that makes no sense; one that does takes the denial back', async ({
  harness,
  listener,
}) => {
  await runToEnd(harness, listener.runId, [CHART])
  const respondWith = (body: string) =>
    harness.configure({ faults: [{ match: { path: PATH }, fault: { kind: 'body', body } }] })
  await respondWith('{"error": "?"}')
  await probeCapabilities(after(61 * MINUTE))
  expect(await db().capabilityDenial.findMany()).toMatchObject([{ refusals: 1 }])
  await respondWith('{"href": "", "items": [], "limit": 1, "next": null, "offset": 0, "previous": null, "total": 0}')
  await probeCapabilities(after(3 * HOUR))
  expect(await db().capabilityDenial.findMany()).toEqual([])
  expect(await isPlanned(listener)).toBe(true)
  expect(await shownAs(listener)).toBe(true)
})

test('retries denials every week', async ({ listener }) => {
  const { id } = await db().spotifyApp.findFirstOrThrow()
  const start = Date.now() - 8 * DAY
  await recordDenied(id, NAME, new Date(start))
  await recordDenied(id, NAME, new Date(start + HOUR))
  expect(await isPlanned(listener)).toBe(false)
  await probeCapabilities(new Date(start + 6 * DAY))
  expect(await db().capabilityDenial.findMany()).toMatchObject([{ refusals: 2 }])
  await probeCapabilities(new Date())
  expect(await db().capabilityDenial.findMany()).toMatchObject([{ refusals: 3 }])
  expect(await isPlanned(listener)).toBe(false)
})
