import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect } from 'vitest'
import { pause } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { extractSlice } from '#lib/extract/extract.ts'
import { nextAttempt, requestOf, takeStartable } from '#lib/runs/runs.ts'
import { plan } from '#lib/schedule/plan.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { streamNamed } from '#lib/streams/index.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { expectAllTables } from '#testing/sync/expected.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { alignQueuedAt, loadAll, runJobs, runJobsLosingResults, runOf, runToEnd } from '#testing/sync/run-jobs.ts'

const SAVED = 'user_saved_tracks_stream'

test.beforeEach(async ({ harness, listener: { runId } }) => {
  await alignQueuedAt(harness, runId)
})

/** Nothing is duplicated, in the tables or in the counts of the run. */
async function expectWhole(harness: Harness, { name, userId, runId }: TestListener): Promise<void> {
  await expectAllTables(harness, userId, name)
  const { state, streams } = await runOf(runId)
  expect(['succeeded', 'incomplete']).toContain(state)
  for (const { stream, state, problem, rowsNew, rowsChanged, rowsRemoved } of Object.values(streams)) {
    if (state === 'skipped') continue
    const rows = await harness.tableRows(userId, streamTable(streamNamed(stream)).name, '1')
    expect([stream, state, problem]).toEqual([stream, 'succeeded', null])
    expect([stream, rowsNew, rowsChanged, rowsRemoved]).toEqual([stream, rows.length, 0, 0])
  }
}

test('every step can be repeated after its result was lost', async ({ harness, listener }) => {
  await runJobsLosingResults(await takeStartable(listener.runId))
  // The plan resends a follower whose event was lost with the result.
  await runJobsLosingResults((await plan(new Date(Date.now() + 120_000))).requests)
  await expectWhole(harness, listener)
})

test('a process that is killed repeatedly does everything exactly once', async ({ harness, listener }) => {
  for (const done of [5, 14]) await killedWhen(listener, done)
  const last = startWorker(listener)
  const [code] = await once(last, 'exit')
  expect(code).toBe(0)
  await expectWhole(harness, listener)
})

/** Lets a process work until this many pages are landed or reads loaded, then kills it. */
async function killedWhen(listener: TestListener, done: number): Promise<void> {
  const child = startWorker(listener)
  const ended = once(child, 'exit')
  while (child.exitCode === null && (await progress(listener)) < done) await pause(2)
  child.kill('SIGKILL')
  await ended
}

async function progress({ userId }: TestListener): Promise<number> {
  const landed = await db().landedObject.count({ where: { read: { userId } } })
  return landed + (await db().loadLedger.count({ where: { read: { userId }, state: 'loaded' } }))
}

function startWorker({ runId }: TestListener): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, '../../testing/sync/run-until-killed.ts'), runId], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

test('a stream run ends even if its read was loaded before its slice ended', async ({
  listener: { userId, runId },
}) => {
  await db().streamRun.deleteMany({ where: { runId, stream: { not: SAVED } } })
  const [request] = await takeStartable(runId)
  if (!request) throw new Error('nothing to start')
  for (let more = true; more; ) ({ more } = await extractSlice(request))
  // As if the slice had crashed between the end of its read and its own end.
  await db().streamRun.update({ where: { id: request.streamRunId }, data: { extractedAt: null, phase: 'extracting' } })
  const { id } = await db().warehouseConnection.findFirstOrThrow({ where: { userId } })
  await loadAll(id)
  expect((await runOf(runId)).state).toBe('running')
  await runJobs([request])
  expect((await runOf(runId)).state).toBe('succeeded')
})

test('the next loader ends the stream run of a loader that died after its load', async ({
  harness,
  listener: { userId, runId },
}) => {
  await runToEnd(harness, runId, [SAVED])
  await db().streamRun.updateMany({ where: { runId }, data: { state: 'running', phase: 'loading', endedAt: null } })
  await db().run.updateMany({ where: { id: runId }, data: { state: 'running', endedAt: null } })
  const { id } = await db().warehouseConnection.findFirstOrThrow({ where: { userId } })
  await loadAll(id)
  expect((await runOf(runId)).state).toBe('succeeded')
})

test('the next attempt is returned again if its event was lost', async ({ listener: { userId, runId } }) => {
  const [request] = await takeStartable(runId)
  if (!request) throw new Error('nothing to start')
  await extractSlice(request)
  // As if it were still being read.
  await db().streamRun.update({
    where: { id: request.streamRunId },
    data: { state: 'running', extractedAt: null },
  })
  const next = await nextAttempt(request)
  expect(next).toEqual({ ...request, attempt: 2 })
  expect(await nextAttempt(request)).toEqual(next)
  const streamRun = await db().streamRun.findUniqueOrThrow({ where: { id: request.streamRunId } })
  expect(requestOf(streamRun).attempt).toBe(2)
  await (await openDuckdb(duckdbFile(userId))).close()
})
