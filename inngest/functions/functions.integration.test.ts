import { expect } from 'vitest'
import { DAY, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { nextDue } from '#lib/schedule/timetable.ts'
import { streams } from '#lib/streams/index.ts'
import { unclosedRuns } from '#lib/sync/close-run.ts'
import { orderRun } from '#lib/sync/order-run.ts'
import { withClient } from '#scripts/postgres.ts'
import { eventually } from '#testing/eventually.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { type Executions, executions, largestRun, test } from './testing/jobs.ts'

/** The real functions on the real engine: how many executions they cost, and how large their state gets. */

const PLAYS = 'user_recently_played_stream'
const LIKED = 'user_saved_tracks_stream'
/** LONG_LIST=60000 uses a list of realistic length and takes a minute. */
const LIKES = Number(process.env.LONG_LIST ?? 3_000)
const SLICES_PER_JOB = process.env.LONG_LIST ? 25 : 2

test.override('settings', { SLICES_PER_JOB: String(SLICES_PER_JOB) })

const database = <T>(work: Parameters<typeof withClient<T>>[1]) => withClient(process.env.DATABASE_URL ?? '', work)

/** Runs these streams on the engine until the run is closed and no call is left. */
async function runThrough(runId: string): Promise<void> {
  const { requestStreams } = await import('#inngest/events.ts')
  await requestStreams(await takeStartable(runId))
  await eventually(
    async () => (await db().run.findUniqueOrThrow({ where: { id: runId } })).closedAt !== null,
    10 * MINUTE,
  )
  await database((client) => eventually(async () => (await client.query('select from engine.calls')).rowCount === 0))
}

/** The executions that Inngest would bill for a run of these streams. */
async function counted(harness: Harness, userId: string, names: string[]): Promise<Record<string, Executions>> {
  await database((client) => client.query('delete from engine.runs'))
  await harness.setTime(new Date(harness.now().getTime() + 30 * MINUTE))
  const run = await orderRun(userId, 'schedule', { names })
  await runThrough(run?.id ?? '')
  return database(executions)
}

/** Signs in a listener and finishes a first run of only these streams. */
async function listener(harness: Harness, id: string, streams: string[]): Promise<string> {
  const { userId, runId } = await harness.signIn(id)
  await db().streamRun.deleteMany({ where: { runId, stream: { notIn: streams } } })
  await runThrough(runId)
  return userId
}

test('a poll of recently played costs one execution, or two when there are new plays', async ({ harness }) => {
  const userId = await listener(harness, 'load-1', [PLAYS])
  const play = (count: number) => harness.configure({ changes: [{ what: 'play', listener: 'load-1', count }] })
  await play(3)
  expect(await counted(harness, userId, [PLAYS])).toEqual({
    'extract-stream': { runs: 1, steps: 0 },
    'load-destination': { runs: 1, steps: 0 },
  })
  expect(await counted(harness, userId, [PLAYS])).toEqual({ 'extract-stream': { runs: 1, steps: 0 } })
})

test('a daily run costs at most two executions a stream', async ({ harness }) => {
  const daily = streams.filter(({ group }) => group !== 'recently played' && group !== 'charts').map(({ name }) => name)
  const userId = await listener(harness, 'load-4', daily)
  await harness.configure({ changes: [{ what: 'like', listener: 'load-4' }] })
  await harness.setTime(new Date(harness.now().getTime() + DAY))
  const jobs = await counted(harness, userId, daily)
  expect(jobs['extract-stream']).toEqual({ runs: daily.length, steps: 0 })
  expect(jobs['load-destination']?.steps).toBe(0)
  expect(jobs['load-destination']?.runs).toBeLessThanOrEqual(daily.length)
  expect(Object.keys(jobs).toSorted()).toEqual(['extract-stream', 'load-destination'])
})

test('a month of the default schedule uses at most four fifths of 5,000 executions, even if every poll finds something new', () => {
  const start = new Date('2026-10-01T00:00:00Z')
  const end = new Date(start.getTime() + 31 * DAY)
  let times = 0
  for (const { group } of streams) {
    const next = (after: Date) => nextDue(group, { zone: 'Europe/Berlin', jitter: 7, after })
    for (let at = next(start); at < end; at = next(at)) times++
  }
  expect(times).toBeGreaterThan(31 * (39 + 10))
  // One job and one load each, as counted above.
  expect(2 * times).toBeLessThan(0.8 * 5_000)
})

test(
  'a long list takes several jobs, and the state of each stays small',
  async ({ harness }) => {
    await harness.configure({ changes: [{ what: 'like', listener: 'load-2', count: LIKES }] })
    await database((client) => client.query('delete from engine.runs'))
    const userId = await listener(harness, 'load-2', [LIKED])
    const { items, pages, attempt } = await db().streamRun.findFirstOrThrow({ where: { userId, stream: LIKED } })
    expect(items).toBeGreaterThan(LIKES)
    expect((await harness.tableRows(userId, LIKED, 'uri')).length).toBe(items)
    const largest = await database(largestRun)
    const jobs = await database(executions)
    if (process.env.LONG_LIST) console.log({ items, pages, attempt, largest, jobs })
    // Each attempt reads its first slice in a job without steps, and the rest in the next job.
    expect(jobs['extract-stream']?.runs).toBeLessThanOrEqual(2 * attempt)
    expect((jobs['extract-stream']?.runs ?? 0) + (jobs['extract-stream']?.steps ?? 0)).toBeLessThanOrEqual(
      Math.ceil(pages / 20) + attempt + 1,
    )
    expect(attempt).toBeGreaterThan(Math.floor(pages / 20 / SLICES_PER_JOB))
    expect(largest.steps).toBeLessThanOrEqual(2 * SLICES_PER_JOB)
    // A job has at most 100 steps, so this is far below the 32 MB that Inngest allows.
    expect(largest.bytes / largest.steps).toBeLessThan(1_000)
  },
  10 * MINUTE,
)

test('the plan finds a run that was not closed', async ({ harness }) => {
  const userId = await listener(harness, 'load-3', [PLAYS])
  const run = await db().run.findFirstOrThrow({ where: { userId } })
  const later = new Date(Date.now() + 2 * MINUTE)
  expect(await unclosedRuns(later)).toEqual([])
  await db().run.update({ where: { id: run.id }, data: { closedAt: null } })
  expect(await unclosedRuns(new Date())).toEqual([])
  expect(await unclosedRuns(later)).toEqual([run.id])
})

test('models that are built on request continue the import that waits for them', async ({ harness }) => {
  const userId = await listener(harness, 'load-30', [PLAYS])
  const { requestLoads } = await import('#inngest/events.ts')
  const { id } = await db().import.create({ data: { id: 'waits', userId, names: [], bytes: 0, state: 'loading' } })
  const connection = await db().warehouseConnection.findFirstOrThrow({ where: { userId } })
  await db().warehouseConnection.update({ where: { id: connection.id }, data: { modelsState: 'urgent' } })
  await requestLoads([connection.id])
  await eventually(async () => (await db().import.findUniqueOrThrow({ where: { id } })).state === 'done')
})
