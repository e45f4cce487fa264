import { expect } from 'vitest'
import { DAY, HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { extractSlice } from '#lib/extract/extract.ts'
import { loadNext } from '#lib/load/load.ts'
import { cancelRun, createRun, type StreamRequest, takeStartable } from '#lib/runs/runs.ts'
import { plan } from '#lib/schedule/plan.ts'
import { cancel, rerun } from '#lib/sync/order-run.ts'
import { expectSavedTracks } from '#testing/sync/expected.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { alignQueuedAt, loadAll, runJobs, runNow, runOf } from '#testing/sync/run-jobs.ts'

const SAVED = 'user_saved_tracks_stream'
const TOP = 'user_top_tracks_st_stream'

test.beforeEach(async ({ harness, listener: { userId, runId } }) => {
  await db().streamRun.deleteMany({ where: { runId, stream: { not: SAVED } } })
  await db().schedule.deleteMany({ where: { userId } })
  await alignQueuedAt(harness, runId)
})

async function started({ runId }: TestListener): Promise<StreamRequest> {
  const [request] = await takeStartable(runId)
  if (!request) throw new Error('nothing to start')
  return request
}

/** Extracts slices until the stream is complete. @returns the connections with something to load */
async function readAll(request: StreamRequest): Promise<string[]> {
  for (;;) {
    const end = await extractSlice(request)
    if (!end.more) return end.connections
  }
}

async function expectCancelled({ runId }: TestListener): Promise<void> {
  expect(await runOf(runId)).toMatchObject({ state: 'cancelled', streams: { [SAVED]: { state: 'cancelled' } } })
}

/** A cancelled run blocks nothing: the next run loads exactly what Spotify has. */
async function expectNextRunComplete(harness: Harness, { name, userId }: TestListener): Promise<void> {
  expect((await runNow(harness, userId, [SAVED])).state).toMatch(/succeeded|nothing_new/)
  await expectSavedTracks(harness, userId, name)
}

test('cancel before its event was sent: no request is made', async ({ harness, listener }) => {
  const { requests } = await harness.stats()
  await cancelRun(listener.runId)
  await expectCancelled(listener)
  expect(await takeStartable(listener.runId)).toEqual([])
  expect((await plan(new Date(Date.now() + HOUR))).requests).toEqual([])
  expect((await harness.stats()).requests).toEqual(requests)
  await expectNextRunComplete(harness, listener)
})

test('cancel while its event waits for a slot: the job finds nothing to do', async ({ harness, listener }) => {
  const request = await started(listener)
  await cancelRun(listener.runId)
  const { requests } = await harness.stats()
  await runJobs([request])
  expect((await harness.stats()).requests).toEqual(requests)
  await expectCancelled(listener)
  await expectNextRunComplete(harness, listener)
})

test('cancel while it waits until a time: it is not resumed at that time', async ({ harness, listener }) => {
  await started(listener)
  const until = new Date(Date.now() + HOUR)
  await db().streamRun.updateMany({ where: { runId: listener.runId }, data: { state: 'waiting', waitingUntil: until } })
  await cancelRun(listener.runId)
  await expectCancelled(listener)
  expect((await db().streamRun.findFirstOrThrow({ where: { runId: listener.runId } })).waitingUntil).toBeNull()
  expect((await plan(until)).requests).toEqual([])
  await expectNextRunComplete(harness, listener)
})

test('cancel between its last page and the end of its slice, with past days left: it stays cancelled', async ({
  harness,
  listener,
}) => {
  await cancelRun(listener.runId)
  const instants = [new Date(harness.now().getTime() - DAY)]
  const run = await createRun({ userId: listener.userId, trigger: 'manual', streams: [TOP], instants })
  const pastDays = { ...listener, runId: run?.id ?? '' }
  const request = await started(pastDays)
  const slice = await db().$transaction(
    async (tx) => {
      // The read can't be completed while its destination is locked.
      await tx.$queryRaw`select 1 from "WarehouseConnection" where "userId" = ${listener.userId} for update`
      const working = extractSlice(request)
      while ((await waitingForLocks()) === 0) await new Promise(setImmediate)
      await cancelRun(pastDays.runId)
      return { working }
    },
    { timeout: 60_000 },
  )
  expect(await slice.working).toMatchObject({ more: false, followers: [] })
  expect(await runOf(pastDays.runId)).toMatchObject({ state: 'cancelled', streams: { [TOP]: { state: 'cancelled' } } })
})

test('a re-run reads the past days that a canceled run did not get to', async ({ harness, listener }) => {
  await cancelRun(listener.runId)
  await harness.setTime(new Date(harness.now().getTime() + DAY))
  const instants = [2, 1].map((days) => new Date(harness.now().getTime() - days * DAY))
  const run = await createRun({ userId: listener.userId, trigger: 'sign_in', streams: [TOP], instants })
  const canceled = run?.id ?? ''
  const viewer = { id: listener.userId, isAdmin: false }
  await cancel(viewer, canceled)
  const again = await rerun(viewer, canceled)
  await alignQueuedAt(harness, again.run.id)
  await runJobs(again.requests)
  const days = await harness.tableRows(
    listener.userId,
    'user_top_tracks_st_history',
    'distinct cast(day as varchar) as day',
  )
  const expected = [...instants, harness.now()].map((instant) => instant.toISOString().slice(0, 10))
  expect(days.map(({ day }) => day).toSorted()).toEqual(expected)
})

/** Statements in this database that wait for a lock. */
async function waitingForLocks(): Promise<number> {
  const [row] = await db().$queryRaw<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  return row?.count ?? 0
}

test('cancel while it waits for its load: it stays cancelled, and what was read is still loaded', async ({
  harness,
  listener,
}) => {
  const connections = await readAll(await started(listener))
  await cancelRun(listener.runId)
  for (const id of connections) await loadAll(id)
  await expectCancelled(listener)
  await expectSavedTracks(harness, listener.userId, listener.name)
  await expectNextRunComplete(harness, listener)
})

test('cancel in the middle of its load: it ends once, either way, and the tables are complete', async ({
  harness,
  listener,
}) => {
  const [connection = ''] = await readAll(await started(listener))
  await Promise.all([loadNext(connection, 'the loader'), cancelRun(listener.runId)])
  await loadAll(connection, 'the loader')
  const { state, streams } = await runOf(listener.runId)
  expect(['cancelled cancelled', 'succeeded succeeded']).toContain(`${state} ${streams[SAVED]?.state}`)
  await expectSavedTracks(harness, listener.userId, listener.name)
  await expectNextRunComplete(harness, listener)
})

test('a cancel that fails halfway changes nothing: the run continues', async ({ listener }) => {
  const request = await started(listener)
  await db().$executeRaw`alter table "StreamRun" add constraint "fails here" check (state <> 'cancelled') not valid`
  await expect(cancelRun(listener.runId)).rejects.toThrow('fails here')
  await db().$executeRaw`alter table "StreamRun" drop constraint "fails here"`
  await runJobs([request])
  expect(await runOf(listener.runId)).toMatchObject({ state: 'succeeded', cancelledAt: null })
})

test('the plan ends a run that an earlier version cancelled halfway', async ({ harness, listener }) => {
  await started(listener)
  await db().run.update({ where: { id: listener.runId }, data: { cancelledAt: new Date() } })
  await plan(new Date())
  await expectCancelled(listener)
  await expectNextRunComplete(harness, listener)
})

test('a run that has ended keeps its state', async ({ listener }) => {
  await runJobs([await started(listener)])
  await cancelRun(listener.runId)
  expect(await runOf(listener.runId)).toMatchObject({ state: 'succeeded', cancelledAt: null })
})
