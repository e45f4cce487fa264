import { expect } from 'vitest'
import { DAY } from '#lib/core/clock.ts'
import { extractSlice } from '#lib/extract/extract.ts'
import { test } from '#testing/sync/fixture.ts'
import { alignQueuedAt, runJobs } from '#testing/sync/run-jobs.ts'
import { runProgress } from './run-responses.ts'
import { cancelRun, createRun, takeStartable } from './runs.ts'

const TOP = 'user_top_tracks_st_stream'
const CHART = 'global_top_tracks_daily_stream'

test('past days count as progress: a stream is not full before they are read and saved', async ({
  harness,
  listener,
}) => {
  await cancelRun(listener.runId)
  const instants = [2, 1].map((days) => new Date(harness.now().getTime() - days * DAY))
  const run = await createRun({ userId: listener.userId, trigger: 'manual', streams: [TOP], instants })
  const runId = run?.id ?? ''
  await alignQueuedAt(harness, runId)
  const progress = async () => {
    const { streams, percent } = await runProgress({ id: listener.userId, isAdmin: false }, runId)
    return { ...streams[TOP], ofRun: percent }
  }
  expect(await progress()).toMatchObject({ phase: 'queued', percent: 0, pastDays: { done: 0, total: 2 }, ofRun: 0 })

  const [current] = await takeStartable(runId)
  const [past] = current ? (await extractSlice(current)).followers : []
  expect(await progress()).toMatchObject({ phase: 'extracting', percent: 31, pastDays: { done: 0, total: 2 } })

  if (past) await extractSlice(past)
  expect(await progress()).toMatchObject({ phase: 'loading', percent: 95, pastDays: { done: 2, total: 2 }, ofRun: 95 })

  await runJobs(past ? [past] : [])
  expect(await progress()).toMatchObject({ state: 'succeeded', phase: 'done', percent: 100, ofRun: 100 })
})

test('a skipped stream is marked as such, and counts as done', async ({ harness, listener }) => {
  await cancelRun(listener.runId)
  const run = await createRun({ userId: listener.userId, trigger: 'manual', streams: [CHART] })
  const runId = run?.id ?? ''
  await alignQueuedAt(harness, runId)
  await runJobs(await takeStartable(runId))
  const { streams, percent } = await runProgress({ id: listener.userId, isAdmin: false }, runId)
  expect(streams[CHART]).toMatchObject({ state: 'skipped', phase: 'done', percent: 100 })
  expect(percent).toBe(100)
})
