import { expect } from 'vitest'
import { changeSettings } from '#lib/accounts/status.ts'
import { DAY } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { queryChart } from '#lib/query/query-chart.ts'
import { type StreamRequest, takeStartable } from '#lib/runs/runs.ts'
import { embeddedDue } from '#lib/storage/destinations.ts'
import { test } from '#testing/sync/fixture.ts'
import { alignQueuedAt, loadAll, runJobs, runNow, runToEnd } from '#testing/sync/run-jobs.ts'
import { markNewDays } from './build.ts'

const PLAYS = 'user_recently_played_stream'
const SAVED = 'user_saved_tracks_stream'
const TOP = 'user_top_tracks_st_stream'

const connectionOf = (userId: string) => db().warehouseConnection.findFirstOrThrow({ where: { userId } })

const versionOf = async (id: string) => (await db().user.findUniqueOrThrow({ where: { id } })).dataVersion

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
})

test('a load of plays builds the models, and charts of own plays agree with the table', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-40')
  await runToEnd(harness, runId, [PLAYS])
  expect(await connectionOf(userId)).toMatchObject({ modelsState: 'fresh', modelsProblem: null })
  const plays = await harness.tableRows(userId, 'plays', 'played_at, track_id')
  const { rows } = await queryChart(userId, 'top-songs', { period: 'all', limit: '500' })
  expect(rows.reduce((sum, row) => sum + Number(row.plays), 0)).toBe(plays.length)
  expect(new Set(rows.map((row) => row.track_id))).toEqual(new Set(plays.map((row) => row.track_id)))
  expect(rows.every((row) => typeof row.name === 'string')).toBe(true)
})

test('other streams wait with the models for the end of their run', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-41')
  await runToEnd(harness, runId, [PLAYS])
  const run = await runNow(harness, userId, [SAVED])
  expect(run.state).toBe('succeeded')
  expect(await connectionOf(userId)).toMatchObject({ modelsState: 'fresh' })
})

test('the first build waits until the top lists are loaded, and no longer', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-45')
  await db().streamRun.deleteMany({ where: { runId, stream: { notIn: [PLAYS, TOP] } } })
  await alignQueuedAt(harness, runId)
  const plays = await db().streamRun.findFirstOrThrow({ where: { runId, stream: PLAYS } })
  const requests = await takeStartable(runId)
  const [first, second] = [true, false].map((isPlays) =>
    requests.filter(({ streamRunId }) => (streamRunId === plays.id) === isPlays),
  ) as [StreamRequest[], StreamRequest[]]
  await runJobs(first)
  expect(await harness.tableRows(userId, 'plays', 'played_at')).not.toEqual([])
  expect(await connectionOf(userId)).toMatchObject({ modelsState: 'urgent', modelsDay: null })
  await runJobs(second)
  expect(await connectionOf(userId)).toMatchObject({ modelsState: 'fresh' })
})

test('the first build does not wait for top lists that wait themselves', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-46')
  await db().streamRun.deleteMany({ where: { runId, stream: { notIn: [PLAYS, TOP] } } })
  await db().streamRun.updateMany({
    where: { runId, stream: TOP },
    data: { state: 'waiting', waitingUntil: new Date(Date.now() + DAY) },
  })
  await alignQueuedAt(harness, runId)
  await runJobs(await takeStartable(runId))
  expect(await connectionOf(userId)).toMatchObject({ modelsState: 'fresh' })
})

test('another time zone moves plays to other days at once', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-42')
  await runToEnd(harness, runId, [PLAYS])
  const { id } = await connectionOf(userId)
  const daysOf = async () =>
    (await queryChart(userId, 'minutes-per-day', { period: '90d' })).rows.map(({ day, plays }) => [day, plays])
  const before = await daysOf()
  await changeSettings({ id: userId }, { zone: 'Pacific/Kiritimati' })
  expect(await embeddedDue()).toContain(id)
  await loadAll(id)
  const after = await daysOf()
  expect(after).not.toEqual(before)
  const sum = (days: unknown[][]) => days.reduce((total, [, plays]) => total + Number(plays), 0)
  expect(sum(after)).toBe(sum(before))
  expect(await embeddedDue()).not.toContain(id)
})

test('models wait for the end of a run, but not for one that waits itself', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-44')
  await runToEnd(harness, runId, [PLAYS])
  const { id } = await connectionOf(userId)
  const open = (data: { state: 'running' | 'waiting'; waitingUntil: Date | null }) =>
    db().run.update({ where: { id: runId }, data: { ...data, endedAt: null } })
  await open({ state: 'running', waitingUntil: null })
  await changeSettings({ id: userId }, { zone: 'Pacific/Kiritimati' })
  await loadAll(id)
  expect(await connectionOf(userId)).toMatchObject({ modelsState: 'stale' })
  await open({ state: 'waiting', waitingUntil: new Date(Date.now() + DAY) })
  await loadAll(id)
  expect(await connectionOf(userId)).toMatchObject({ modelsState: 'fresh' })
})

test('on the next day the models are built although nothing was played', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-43')
  await runToEnd(harness, runId, [PLAYS])
  const { id } = await connectionOf(userId)
  await markNewDays(new Date())
  expect(await embeddedDue()).not.toContain(id)
  await markNewDays(new Date(Date.now() + DAY))
  expect(await embeddedDue()).toContain(id)
  const version = await versionOf(userId)
  await loadAll(id)
  expect(await versionOf(userId)).toBe(version + 1)
})
