import { expect } from 'vitest'
import { HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { cancelRun, takeStartable } from '#lib/runs/runs.ts'
import { eventually } from '#testing/eventually.ts'
import { test } from './testing/jobs.ts'

/** A listener with much to read must not delay one with little: the real functions on the real engine, with one slot. */

const LONG = 'user_saved_tracks_stream'
const TOP = ['user_top_tracks_st_stream', 'user_top_tracks_mt_stream', 'user_top_tracks_lt_stream']
const RECENT = 'user_recently_played_stream'
const PAGES_OF_A_SLICE = 20

test.override('settings', { POOL_SLOTS: '1' })

test('a listener with three pages runs between slices and streams of a listener with many', async ({ harness }) => {
  const { requestStreams } = await import('#inngest/events.ts')
  await harness.configure({ changes: [{ what: 'like', listener: 'load-1', count: 4_000 }] })
  const many = await harness.signIn('load-1')
  const few = await harness.signIn('load-2')
  await db().streamRun.deleteMany({ where: { runId: few.runId, stream: { notIn: TOP } } })
  const long = await db().streamRun.findFirstOrThrow({ where: { runId: many.runId, stream: LONG } })
  // Slow enough that all requests arrive while the first slice is active.
  await harness.configure({ latencyMs: 200 })

  const requests = await takeStartable(many.runId)
  await requestStreams(requests.filter(({ streamRunId }) => streamRunId === long.id))
  await eventually(async () => (await db().streamRun.findUniqueOrThrow({ where: { id: long.id } })).startedAt)
  await requestStreams(requests.filter(({ streamRunId }) => streamRunId !== long.id))
  await requestStreams(await takeStartable(few.runId))
  const last = await eventually(async () => {
    const read = await db().streamRun.findMany({ where: { runId: few.runId }, orderBy: { extractedAt: 'asc' } })
    const times = read.flatMap(({ extractedAt }) => extractedAt ?? [])
    return times.length === read.length && times.at(-1)
  })

  const pages = await db().landedObject.count({ where: { read: { streamRunId: long.id }, landedAt: { lte: last } } })
  expect(pages).toBeLessThanOrEqual(2 * PAGES_OF_A_SLICE)
  // Three streams for three pages: at most as many of the other listener's streams ran in between, although more were queued.
  expect(requests.length).toBeGreaterThan(10)
  const started = await db().streamRun.count({ where: { runId: many.runId, startedAt: { lte: last } } })
  expect(started).toBeLessThanOrEqual(1 + TOP.length)
  await harness.configure({ latencyMs: 0 })
  await cancelRun(many.runId)
}, 60_000)

test('an app whose requests hang does not delay another app', async ({ harness }) => {
  const { requestStreams } = await import('#inngest/events.ts')
  const hung = await Promise.all([harness.signIn('load-3'), harness.signIn('load-4')])
  const own = await harness.signIn('load-5')
  const runIds = [...hung, own].map(({ runId }) => runId)
  await db().streamRun.deleteMany({ where: { runId: { in: runIds }, stream: { not: RECENT } } })
  const { spotifyApp } = await db().account.findFirstOrThrow({
    where: { userId: own.userId },
    include: { spotifyApp: true },
  })
  const another = await db().spotifyApp.create({
    data: { clientId: 'another', clientSecret: spotifyApp?.clientSecret ?? null, developerAccount: 'another' },
  })
  await db().account.updateMany({ where: { userId: own.userId }, data: { spotifyAppId: another.id } })
  const app = await db().spotifyApp.findFirstOrThrow({ where: { id: { not: another.id } } })
  // All request slots of the app are taken by requests without a response.
  const [startedAt, expiresAt] = [new Date(), new Date(Date.now() + HOUR)]
  const slot = { spotifyAppId: app.id, group: 'player', startedAt, expiresAt }
  await db().requestSlot.createMany({ data: ['one', 'two'].map((id) => ({ id, ...slot })) })

  for (const runId of runIds) await requestStreams(await takeStartable(runId))
  const streamRun = (runId: string) => db().streamRun.findFirstOrThrow({ where: { runId } })
  await eventually(async () => (await streamRun(own.runId)).extractedAt)
  for (const { runId } of hung) expect(await streamRun(runId)).toMatchObject({ state: 'running', extractedAt: null })

  // Now the responses arrive.
  await db().requestSlot.deleteMany({ where: { spotifyAppId: app.id } })
  for (const { runId } of hung) await eventually(async () => (await streamRun(runId)).extractedAt)
}, 60_000)
