import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { DAY, MINUTE } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db } from '#lib/db.ts'
import { cancelRun } from '#lib/runs/runs.ts'
import { streams } from '#lib/streams/index.ts'
import { expectSavedTracks } from '#testing/sync/expected.ts'
import { type Harness, startHarness } from '#testing/sync/harness.ts'
import { alignQueuedAt, runJobs, runOf, runToEnd } from '#testing/sync/run-jobs.ts'
import { type NewRun, rerun, runNow } from './order-run.ts'

const SAVED = 'user_saved_tracks_stream'
const TOP = 'user_top_tracks_st_stream'
const PLAYS = 'user_recently_played_stream'
const LISTS = 'user_playlists_stream'
const ITEMS = 'user_playlist_items_stream'



/** What a refused request was told: status and code. */
async function refusalOf(work: Promise<unknown>): Promise<string> {
  const thrown: unknown = await work.then(
    () => 'not refused',
    (problem: unknown) => problem,
  )
  return thrown instanceof Refused ? `${thrown.status} ${thrown.code}` : String(thrown)
}

/** As if everything the listener did had been so long ago. */
async function passTime(ms: number): Promise<void> {
  await db().$executeRaw`
    update "StreamRun" set "queuedAt" = "queuedAt" - ${ms} * interval '1 ms', "endedAt" = "endedAt" - ${ms} * interval '1 ms',
      "extractedAt" = "extractedAt" - ${ms} * interval '1 ms' where "userId" = ${viewer.id}`
  await db().$executeRaw`
    update "Run" set "queuedAt" = "queuedAt" - ${ms} * interval '1 ms' where "userId" = ${viewer.id}`
}

/** Does what a button ordered. */
async function done({ run, requests }: NewRun) {
  await alignQueuedAt(harness, run.id)
  await runJobs(requests)
  return runOf(run.id)
}

const streamsOfRun = async (id: string) =>
  (await db().streamRun.findMany({ where: { runId: id }, orderBy: { position: 'asc' } })).map(({ stream }) => stream)

test('"Run now" leaves out what was read within the last ten minutes, and says so when nothing is left', async () => {
  await runToEnd(harness, runId, [SAVED, TOP])
  expect(await refusalOf(runNow(viewer, { streams: [SAVED, TOP] }))).toBe('409 read-lately')
  const { run, leftOut } = await runNow(viewer)
  expect(await streamsOfRun(run.id)).toHaveLength(streams.length - 2)
  expect(leftOut).toEqual(['Top songs, 4 weeks', 'Liked songs'])
  await cancelRun(run.id)
  await passTime(11 * MINUTE)
  expect(await streamsOfRun((await runNow(viewer)).run.id)).toHaveLength(streams.length)
})

test('a stream whose reading failed is not left out', async () => {
  await runToEnd(harness, runId, [TOP])
  await db().streamRun.updateMany({ where: { runId }, data: { state: 'failed' } })
  expect((await runNow(viewer, { streams: [TOP] })).leftOut).toEqual([])
})

test('a listener orders twelve runs a day, also when several are asked for at once; an admin orders more', async () => {
  await cancelRun(runId)
  const asked = await Promise.all(streams.map(({ name }) => refusalOf(runNow(viewer, { streams: [name] }))))
  expect(asked.filter((answer) => answer === 'not refused')).toHaveLength(12)
  expect(asked.filter((answer) => answer === '429 runs-used-up')).toHaveLength(streams.length - 12)
  const ordered = await db().run.findMany({ where: { userId: viewer.id, trigger: 'manual' } })
  for (const { id } of ordered) await cancelRun(id)
  // A backfill counts, and so does what went well or was cancelled.
  expect(await refusalOf(rerun(viewer, runId, { streams: [TOP], whole: true }))).toBe('429 runs-used-up')
  expect(await refusalOf(rerun(viewer, runId, { streams: [TOP] }))).toBe('429 runs-used-up')
  expect(await refusalOf(rerun({ ...viewer, isAdmin: true }, runId, { streams: [TOP] }))).toBe('not refused')
  const last = { ...viewer, isAdmin: true }
  expect(await refusalOf(runNow(last, { streams: [LISTS] }))).toBe('not refused')
  await passTime(DAY)
  expect(await refusalOf(runNow(viewer, { streams: [SAVED] }))).toBe('not refused')
})

test('what went wrong may be run again however often, without what was read a moment ago', async () => {
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
  // It worked: from here on it is one of the twelve.
  await done(again)
  expect(await refusalOf(rerun(viewer, runId, { streams: [SAVED] }))).toBe('429 runs-used-up')
})

test('a run says what it has not because an earlier run waits with it', async () => {
  await db().streamRun.deleteMany({ where: { runId, stream: { notIn: [SAVED, TOP] } } })
  const waitingUntil = new Date(Date.now() + DAY)
  await db().streamRun.updateMany({ where: { runId, stream: SAVED }, data: { state: 'waiting', waitingUntil } })
  await db().streamRun.updateMany({ where: { runId, stream: TOP }, data: { state: 'cancelled', endedAt: new Date() } })
  const { run, underWay } = await runNow(viewer, { streams: [SAVED, TOP] })
  expect(await streamsOfRun(run.id)).toEqual([TOP])
  expect(underWay).toEqual([{ title: 'Liked songs', run: runId, waitingUntil: waitingUntil.toISOString() }])
})

test('a run again holds the streams of the first, or the one that is named, and who asked', async () => {
  await runToEnd(harness, runId, [TOP, SAVED])
  const admin = await db().user.create({ data: { name: 'Ada', isAdmin: true } })
  const whole = await rerun({ id: admin.id, isAdmin: true }, runId)
  expect(whole.run).toMatchObject({ trigger: 're-run', by: 'Ada', rerunOf: runId, listener: viewer.id })
  expect(await streamsOfRun(whole.run.id)).toEqual([TOP, SAVED])
  await cancelRun(whole.run.id)
  const one = await rerun(viewer, runId, { streams: [SAVED] })
  expect(one.run).toMatchObject({ by: listener })
  expect(await streamsOfRun(one.run.id)).toEqual([SAVED])
  expect(await refusalOf(rerun(viewer, runId, { streams: [PLAYS] }))).toBe('400 unknown-stream')
})

test('without news a run asks each list once and loads nothing; a backfill reads all of it again', async () => {
  const before = await runToEnd(harness, runId, [SAVED, LISTS, ITEMS, PLAYS])
  await passTime(11 * MINUTE)
  const quiet = await runNow(viewer, { streams: [SAVED, LISTS, ITEMS, PLAYS] })
  const ended = await done(quiet)
  expect(ended.state).toBe('nothing_new')
  expect(ended.streams[SAVED]).toMatchObject({ state: 'nothing_new', requests: 1, pages: 0 })
  expect(ended.streams[ITEMS]).toMatchObject({ state: 'nothing_new', requests: 0 })
  for (const name of [SAVED, ITEMS, PLAYS]) {
    const order = await runNow(viewer, { streams: [name], whole: true })
    const backfill = await done(order)
    expect(backfill.streams[name], name).toMatchObject({
      state: 'succeeded',
      whole: true,
      rowsUnchanged: before.streams[name]?.rowsNew,
      rowsNew: 0,
      rowsRemoved: 0,
    })
  }
  await expectSavedTracks(harness, viewer.id, listener)
})

test('a backfill again is a backfill, and it reads one stream', async () => {
  await runToEnd(harness, runId, [TOP])
  const order = await runNow(viewer, { streams: [TOP], whole: true })
  await done(order)
  const again = await rerun(viewer, order.run.id)
  expect((await db().streamRun.findFirstOrThrow({ where: { runId: again.run.id } })).whole).toBe(true)
  expect(await refusalOf(runNow(viewer, { whole: true }))).toBe('400 one-stream')
  expect(await refusalOf(runNow(viewer, { streams: [TOP, SAVED], whole: true }))).toBe('400 one-stream')
})
