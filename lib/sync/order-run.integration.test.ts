import { expect } from 'vitest'
import { DAY, MINUTE } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db } from '#lib/db.ts'
import type { Viewer } from '#lib/runs/run-responses.ts'
import { cancelRun } from '#lib/runs/runs.ts'
import { streams } from '#lib/streams/index.ts'
import { expectSavedTracks } from '#testing/sync/expected.ts'
import { test as base } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { alignQueuedAt, runJobs, runOf, runToEnd } from '#testing/sync/run-jobs.ts'
import { type NewRun, rerun, runNow } from './order-run.ts'

const SAVED = 'user_saved_tracks_stream'
const TOP = 'user_top_tracks_st_stream'
const PLAYS = 'user_recently_played_stream'
const LISTS = 'user_playlists_stream'
const ITEMS = 'user_playlist_items_stream'

const test = base.extend('viewer', ({ listener }): Viewer => ({ id: listener.userId, isAdmin: false }))

/** Status and code of a refused request. */
async function refusalOf(work: Promise<unknown>): Promise<string> {
  const result: unknown = await work.then(
    () => 'not refused',
    (error: unknown) => error,
  )
  return result instanceof Refused ? `${result.status} ${result.code}` : String(result)
}

/** Moves everything the listener did into the past. */
async function passTime(viewer: Viewer, ms: number): Promise<void> {
  await db().$executeRaw`
    update "StreamRun" set "queuedAt" = "queuedAt" - ${ms} * interval '1 ms', "endedAt" = "endedAt" - ${ms} * interval '1 ms',
      "extractedAt" = "extractedAt" - ${ms} * interval '1 ms' where "userId" = ${viewer.id}`
  await db().$executeRaw`
    update "Run" set "queuedAt" = "queuedAt" - ${ms} * interval '1 ms' where "userId" = ${viewer.id}`
}

/** Works on an ordered run to its end. */
async function done(harness: Harness, { run, requests }: NewRun) {
  await alignQueuedAt(harness, run.id)
  await runJobs(requests)
  return runOf(run.id)
}

const streamsOfRun = async (id: string) =>
  (await db().streamRun.findMany({ where: { runId: id }, orderBy: { position: 'asc' } })).map(({ stream }) => stream)

test('"Sync now" skips streams read in the last 10 minutes, and is refused if none is left', async ({
  harness,
  viewer,
  listener: { runId },
}) => {
  await runToEnd(harness, runId, [SAVED, TOP])
  expect(await refusalOf(runNow(viewer, { streams: [SAVED, TOP] }))).toBe('409 read-lately')
  const { run, leftOut } = await runNow(viewer)
  expect(await streamsOfRun(run.id)).toHaveLength(streams.length - 2)
  expect(leftOut).toEqual(['Top songs, 4 weeks', 'Liked songs'])
  await cancelRun(run.id)
  await passTime(viewer, 11 * MINUTE)
  expect(await streamsOfRun((await runNow(viewer)).run.id)).toHaveLength(streams.length)
})

test('"Sync now" does not skip a stream that failed', async ({ harness, viewer, listener: { runId } }) => {
  await runToEnd(harness, runId, [TOP])
  await db().streamRun.updateMany({ where: { runId }, data: { state: 'failed' } })
  expect((await runNow(viewer, { streams: [TOP] })).leftOut).toEqual([])
})

test('a listener can order 12 runs a day, also with concurrent requests; an admin can order more', async ({
  viewer,
  listener: { runId },
}) => {
  await cancelRun(runId)
  const results = await Promise.all(streams.map(({ name }) => refusalOf(runNow(viewer, { streams: [name] }))))
  expect(results.filter((result) => result === 'not refused')).toHaveLength(12)
  expect(results.filter((result) => result === '429 runs-used-up')).toHaveLength(streams.length - 12)
  const ordered = await db().run.findMany({ where: { userId: viewer.id, trigger: 'manual' } })
  for (const { id } of ordered) await cancelRun(id)
  // A full re-sync counts, and so does a re-run of what succeeded or was cancelled.
  expect(await refusalOf(rerun(viewer, runId, { streams: [TOP], whole: true }))).toBe('429 runs-used-up')
  expect(await refusalOf(rerun(viewer, runId, { streams: [TOP] }))).toBe('429 runs-used-up')
  expect(await refusalOf(rerun({ ...viewer, isAdmin: true }, runId, { streams: [TOP] }))).toBe('not refused')
  const last = { ...viewer, isAdmin: true }
  expect(await refusalOf(runNow(last, { streams: [LISTS] }))).toBe('not refused')
  await passTime(viewer, DAY)
  expect(await refusalOf(runNow(viewer, { streams: [SAVED] }))).toBe('not refused')
})

test('failed streams can be re-run any number of times, without those that were just read', async ({
  harness,
  viewer,
  listener: { runId },
}) => {
  await runToEnd(harness, runId, [TOP, SAVED])
  for (let ordered = 0; ordered < 12; ordered++) await cancelRun((await rerun(viewer, runId)).run.id)
  expect(await refusalOf(rerun(viewer, runId))).toBe('429 runs-used-up')
  const last = await db().streamRun.findFirstOrThrow({
    where: { userId: viewer.id, stream: SAVED },
    orderBy: { id: 'desc' },
  })
  await db().streamRun.update({ where: { id: last.id }, data: { state: 'failed' } })
  const again = await rerun(viewer, runId)
  expect(await streamsOfRun(again.run.id)).toEqual([SAVED])
  expect(again.leftOut).toEqual(['Top songs, 4 weeks'])
  // It succeeded, so the next re-run counts.
  await done(harness, again)
  expect(await refusalOf(rerun(viewer, runId, { streams: [SAVED] }))).toBe('429 runs-used-up')
})

test('the response names the streams that an earlier run is still reading', async ({ viewer, listener: { runId } }) => {
  await db().streamRun.deleteMany({ where: { runId, stream: { notIn: [SAVED, TOP] } } })
  const waitingUntil = new Date(Date.now() + DAY)
  await db().streamRun.updateMany({ where: { runId, stream: SAVED }, data: { state: 'waiting', waitingUntil } })
  await db().streamRun.updateMany({ where: { runId, stream: TOP }, data: { state: 'cancelled', endedAt: new Date() } })
  const { run, underWay } = await runNow(viewer, { streams: [SAVED, TOP] })
  expect(await streamsOfRun(run.id)).toEqual([TOP])
  expect(underWay).toEqual([{ title: 'Liked songs', run: runId, waitingUntil: waitingUntil.toISOString() }])
})

test('a re-run has the streams of the first run, or the named one, and who ordered it', async ({
  harness,
  viewer,
  listener: { name, runId },
}) => {
  await runToEnd(harness, runId, [TOP, SAVED])
  const admin = await db().user.create({ data: { name: 'Ada', isAdmin: true } })
  const whole = await rerun({ id: admin.id, isAdmin: true }, runId)
  expect(whole.run).toMatchObject({ trigger: 're-run', by: 'Ada', rerunOf: runId, listener: viewer.id })
  expect(await streamsOfRun(whole.run.id)).toEqual([TOP, SAVED])
  await cancelRun(whole.run.id)
  const one = await rerun(viewer, runId, { streams: [SAVED] })
  expect(one.run).toMatchObject({ by: name })
  expect(await streamsOfRun(one.run.id)).toEqual([SAVED])
  expect(await refusalOf(rerun(viewer, runId, { streams: [PLAYS] }))).toBe('400 unknown-stream')
})

test('a run without changes makes one request per list; a full re-sync reads everything again', async ({
  harness,
  viewer,
  listener,
}) => {
  const before = await runToEnd(harness, listener.runId, [SAVED, LISTS, ITEMS, PLAYS])
  await passTime(viewer, 11 * MINUTE)
  const quiet = await runNow(viewer, { streams: [SAVED, LISTS, ITEMS, PLAYS] })
  const ended = await done(harness, quiet)
  expect(ended.state).toBe('nothing_new')
  expect(ended.streams[SAVED]).toMatchObject({ state: 'nothing_new', requests: 1, pages: 0 })
  expect(ended.streams[ITEMS]).toMatchObject({ state: 'nothing_new', requests: 0 })
  for (const name of [SAVED, ITEMS, PLAYS]) {
    const order = await runNow(viewer, { streams: [name], whole: true })
    const resync = await done(harness, order)
    expect(resync.streams[name], name).toMatchObject({
      state: 'succeeded',
      whole: true,
      rowsUnchanged: before.streams[name]?.rowsNew,
      rowsNew: 0,
      rowsRemoved: 0,
    })
  }
  await expectSavedTracks(harness, viewer.id, listener.name)
})

test('re-running a full re-sync is a full re-sync, of exactly one stream', async ({
  harness,
  viewer,
  listener: { runId },
}) => {
  await runToEnd(harness, runId, [TOP])
  const order = await runNow(viewer, { streams: [TOP], whole: true })
  await done(harness, order)
  const again = await rerun(viewer, order.run.id)
  expect((await db().streamRun.findFirstOrThrow({ where: { runId: again.run.id } })).whole).toBe(true)
  expect(await refusalOf(runNow(viewer, { whole: true }))).toBe('400 one-stream')
  expect(await refusalOf(runNow(viewer, { streams: [TOP, SAVED], whole: true }))).toBe('400 one-stream')
})
