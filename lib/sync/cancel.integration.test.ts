import { expect } from 'vitest'
import { DAY, HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { extractSlice } from '#lib/extract/extract.ts'
import { loadNext } from '#lib/load/load.ts'
import { cancelRun, createRun, type StreamRequest, takeStartable } from '#lib/runs/runs.ts'
import { plan } from '#lib/schedule/plan.ts'
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

/** Slices until the stream is read whole. @returns the connections that have something to load */
async function readWhole(request: StreamRequest): Promise<string[]> {
  for (;;) {
    const end = await extractSlice(request)
    if (!end.more) return end.connections
  }
}

async function expectCancelled({ runId }: TestListener): Promise<void> {
  expect(await runOf(runId)).toMatchObject({ state: 'cancelled', streams: { [SAVED]: { state: 'cancelled' } } })
}

/** What was cancelled blocks nothing: the next run gives exactly what Spotify has. */
async function expectNextRunWhole(harness: Harness, { name, userId }: TestListener): Promise<void> {
  expect((await runNow(harness, userId, [SAVED])).state).toMatch(/succeeded|nothing_new/)
  await expectSavedTracks(harness, userId, name)
}

test('before its event was sent: nothing is asked any more', async ({ harness, listener }) => {
  const { requests } = await harness.stats()
  await cancelRun(listener.runId)
  await expectCancelled(listener)
  expect(await takeStartable(listener.runId)).toEqual([])
  expect((await plan(new Date(Date.now() + HOUR))).requests).toEqual([])
  expect((await harness.stats()).requests).toEqual(requests)
  await expectNextRunWhole(harness, listener)
})

test('while its event waits for a slot: the job finds nothing to do', async ({ harness, listener }) => {
  const request = await started(listener)
  await cancelRun(listener.runId)
  const { requests } = await harness.stats()
  await runJobs([request])
  expect((await harness.stats()).requests).toEqual(requests)
  await expectCancelled(listener)
  await expectNextRunWhole(harness, listener)
})

test('while it waits for a time: it is not taken up when the time has come', async ({ harness, listener }) => {
  await started(listener)
  const until = new Date(Date.now() + HOUR)
  await db().streamRun.updateMany({ where: { runId: listener.runId }, data: { state: 'waiting', waitingUntil: until } })
  await cancelRun(listener.runId)
  await expectCancelled(listener)
  expect((await db().streamRun.findFirstOrThrow({ where: { runId: listener.runId } })).waitingUntil).toBeNull()
  expect((await plan(until)).requests).toEqual([])
  await expectNextRunWhole(harness, listener)
})

test('between its last page and the end of its slice, while past days are left: it stays cancelled', async ({
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
      // The read cannot become complete while its destination is held.
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

/** How many statements of this database wait for a lock. */
async function waitingForLocks(): Promise<number> {
  const [row] = await db().$queryRaw<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  return row?.count ?? 0
}

test('when it is read and waits for its load: it stays cancelled, and what was read is not lost', async ({
  harness,
  listener,
}) => {
  const connections = await readWhole(await started(listener))
  await cancelRun(listener.runId)
  for (const id of connections) await loadAll(id)
  await expectCancelled(listener)
  await expectSavedTracks(harness, listener.userId, listener.name)
  await expectNextRunWhole(harness, listener)
})

test('in the middle of its load: one end, whichever came first, and the tables are whole', async ({
  harness,
  listener,
}) => {
  const [connection = ''] = await readWhole(await started(listener))
  await Promise.all([loadNext(connection, 'the loader'), cancelRun(listener.runId)])
  await loadAll(connection, 'the loader')
  const { state, streams } = await runOf(listener.runId)
  expect(['cancelled cancelled', 'succeeded succeeded']).toContain(`${state} ${streams[SAVED]?.state}`)
  await expectSavedTracks(harness, listener.userId, listener.name)
  await expectNextRunWhole(harness, listener)
})

test('a cancel that breaks off has not begun: the run goes on', async ({ listener }) => {
  const request = await started(listener)
  await db().$executeRaw`alter table "StreamRun" add constraint "breaks off" check (state <> 'cancelled') not valid`
  await expect(cancelRun(listener.runId)).rejects.toThrow('breaks off')
  await db().$executeRaw`alter table "StreamRun" drop constraint "breaks off"`
  await runJobs([request])
  expect(await runOf(listener.runId)).toMatchObject({ state: 'succeeded', cancelledAt: null })
})

test('a run that was cancelled half by an earlier version is ended by the plan', async ({ harness, listener }) => {
  await started(listener)
  await db().run.update({ where: { id: listener.runId }, data: { cancelledAt: new Date() } })
  await plan(new Date())
  await expectCancelled(listener)
  await expectNextRunWhole(harness, listener)
})

test('what has ended stays as it ended', async ({ listener }) => {
  await runJobs([await started(listener)])
  await cancelRun(listener.runId)
  expect(await runOf(listener.runId)).toMatchObject({ state: 'succeeded', cancelledAt: null })
})
