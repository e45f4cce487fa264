import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { DAY, HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { extractSlice } from '#lib/extract/extract.ts'
import { loadNext } from '#lib/load/load.ts'
import { cancelRun, createRun, type StreamRequest, takeStartable } from '#lib/runs/runs.ts'
import { plan } from '#lib/schedule/plan.ts'
import { expectSavedTracks } from '#testing/sync/expected.ts'
import { type Bed, makeBed } from '#testing/sync/harness.ts'
import { drive, loadAll, runNow, runOf, startAt } from '#testing/sync/run-jobs.ts'

const SAVED = 'user_saved_tracks_stream'
const TOP = 'user_top_tracks_st_stream'

let bed: Bed
let nobody = 0
let listener: string
let userId: string
let runId: string

beforeAll(async () => {
  bed = await makeBed()
})
beforeEach(async () => {
  await bed.moveTo(new Date('2026-10-14T12:00:00.000Z'))
  listener = `load-${++nobody}`
  const signedIn = await bed.signIn(listener)
  userId = signedIn.userId
  runId = signedIn.runId
  await db().streamRun.deleteMany({ where: { runId, stream: { not: SAVED } } })
  await db().schedule.deleteMany({ where: { userId } })
  await startAt(bed, runId)
})
afterAll(() => bed.stop())

async function started(): Promise<StreamRequest> {
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

async function expectCancelled(): Promise<void> {
  expect(await runOf(runId)).toMatchObject({ state: 'cancelled', streams: { [SAVED]: { state: 'cancelled' } } })
}

/** What was cancelled blocks nothing: the next run gives exactly what Spotify has. */
async function expectNextRunWhole(): Promise<void> {
  expect((await runNow(bed, userId, [SAVED])).state).toMatch(/succeeded|nothing_new/)
  await expectSavedTracks(bed, userId, listener)
}

test('before its event was sent: nothing is asked any more', async () => {
  const { requests } = await bed.stats()
  await cancelRun(runId)
  await expectCancelled()
  expect(await takeStartable(runId)).toEqual([])
  expect((await plan(new Date(Date.now() + HOUR))).requests).toEqual([])
  expect((await bed.stats()).requests).toEqual(requests)
  await expectNextRunWhole()
})

test('while its event waits for a slot: the job finds nothing to do', async () => {
  const request = await started()
  await cancelRun(runId)
  const { requests } = await bed.stats()
  await drive([request])
  expect((await bed.stats()).requests).toEqual(requests)
  await expectCancelled()
  await expectNextRunWhole()
})

test('while it waits for a time: it is not taken up when the time has come', async () => {
  await started()
  const until = new Date(Date.now() + HOUR)
  await db().streamRun.updateMany({ where: { runId }, data: { state: 'waiting', waitingUntil: until } })
  await cancelRun(runId)
  await expectCancelled()
  expect((await db().streamRun.findFirstOrThrow({ where: { runId } })).waitingUntil).toBeNull()
  expect((await plan(until)).requests).toEqual([])
  await expectNextRunWhole()
})

test('between its last page and the end of its slice, while past days are left: it stays cancelled', async () => {
  await cancelRun(runId)
  const instants = [new Date(bed.at().getTime() - DAY)]
  const run = await createRun({ userId, trigger: 'manual', streams: [TOP], instants })
  runId = run?.id ?? ''
  const request = await started()
  const slice = await db().$transaction(
    async (tx) => {
      // The read cannot become complete while its destination is held.
      await tx.$queryRaw`select 1 from "WarehouseConnection" where "userId" = ${userId} for update`
      const working = extractSlice(request)
      while ((await waitingForLocks()) === 0) await new Promise(setImmediate)
      await cancelRun(runId)
      return { working }
    },
    { timeout: 60_000 },
  )
  expect(await slice.working).toMatchObject({ more: false, followers: [] })
  expect(await runOf(runId)).toMatchObject({ state: 'cancelled', streams: { [TOP]: { state: 'cancelled' } } })
})

/** How many statements of this database wait for a lock. */
async function waitingForLocks(): Promise<number> {
  const [row] = await db().$queryRaw<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  return row?.count ?? 0
}

test('when it is read and waits for its load: it stays cancelled, and what was read is not lost', async () => {
  const connections = await readWhole(await started())
  await cancelRun(runId)
  for (const id of connections) await loadAll(id)
  await expectCancelled()
  await expectSavedTracks(bed, userId, listener)
  await expectNextRunWhole()
})

test('in the middle of its load: one end, whichever came first, and the tables are whole', async () => {
  const [connection = ''] = await readWhole(await started())
  await Promise.all([loadNext(connection, 'the loader'), cancelRun(runId)])
  await loadAll(connection, 'the loader')
  const { state, streams } = await runOf(runId)
  expect(['cancelled cancelled', 'succeeded succeeded']).toContain(`${state} ${streams[SAVED]?.state}`)
  await expectSavedTracks(bed, userId, listener)
  await expectNextRunWhole()
})

test('a cancel that breaks off has not begun: the run goes on', async () => {
  const request = await started()
  await db().$executeRaw`alter table "StreamRun" add constraint "breaks off" check (state <> 'cancelled') not valid`
  await expect(cancelRun(runId)).rejects.toThrow('breaks off')
  await db().$executeRaw`alter table "StreamRun" drop constraint "breaks off"`
  await drive([request])
  expect(await runOf(runId)).toMatchObject({ state: 'succeeded', cancelledAt: null })
})

test('a run that was cancelled half by an earlier version is ended by the plan', async () => {
  await started()
  await db().run.update({ where: { id: runId }, data: { cancelledAt: new Date() } })
  await plan(new Date())
  await expectCancelled()
  await expectNextRunWhole()
})

test('what has ended stays as it ended', async () => {
  await drive([await started()])
  await cancelRun(runId)
  expect(await runOf(runId)).toMatchObject({ state: 'succeeded', cancelledAt: null })
})
