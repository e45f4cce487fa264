import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, vi } from 'vitest'
import { DAY, HOUR, SECOND } from '#lib/core/clock.ts'
import { spotifyUrls } from '#lib/core/config.ts'
import { unseal } from '#lib/core/seal.ts'
import { db, type StreamRun } from '#lib/db.ts'
import { health } from '#lib/ops/health.ts'
import { recordPlanned } from '#lib/planning.ts'
import { tokenPlace } from '#lib/quota/access-token.ts'
import { appCredentials } from '#lib/quota/app-credentials.ts'
import { requestOf, takeStartable } from '#lib/runs/runs.ts'
import { correctClockSkew } from '#lib/schedule/clock-skew.ts'
import { plan, recoverStreamRuns } from '#lib/schedule/plan.ts'
import { refresh } from '#lib/spotify/accounts.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { withClient } from '#scripts/postgres.ts'
import { test } from '#testing/sync/fixture.ts'
import { type Harness, NOON } from '#testing/sync/harness.ts'
import {
  expectComplete,
  NAMES,
  newListener,
  type Person,
  PLAYS,
  SAVED,
  simulateActivity,
  startRuns,
  syncedListener,
} from '#testing/sync/listeners.ts'
import { SYSTEM_FAULTS } from '#testing/sync/other-faults.ts'
import { alignQueuedAt, runJobs, runOf } from '#testing/sync/run-jobs.ts'
import { orderRun } from './order-run.ts'

/** Faults of Tracklake's own processes, clock, database and disk. */

let met: Person
let other: Person

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
  await harness.setTime(NOON)
  await db().user.deleteMany()
  await db().requestSlot.deleteMany()
  await db().quotaGroup.deleteMany()
  await db().instanceFact.deleteMany()
  met = await syncedListener(harness, 'load-1')
  other = await newListener(harness, 'load-2')
  await simulateActivity(harness, [met, other])
})
afterEach(() => {
  vi.useRealTimers()
})

function pass(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms, shouldAdvanceTime: true })
}

/** A repeated job keeps its name, and with it its lease on a warehouse. */
const LOADER = 'the loader'

/** Starts a run of both listeners and causes the fault as soon as pages have landed. */
async function inTheMiddle(harness: Harness, causeFault: () => Promise<void> | void) {
  await harness.configure({ latencyMs: 40 })
  const landed = () => db().landedObject.count({ where: { read: { userId: met.userId } } })
  const before = await landed()
  const { runs, requests } = await startRuns(harness, [met, other])
  const jobs = Promise.allSettled([runJobs(requests, LOADER)])
  while ((await landed()) === before) await new Promise(setImmediate)
  await causeFault()
  const [result] = await jobs
  await harness.configure({ latencyMs: 0 })
  return { runs, result }
}

async function expectBothComplete(harness: Harness): Promise<void> {
  await expectComplete(harness, met)
  await expectComplete(harness, other)
}

test('a crash right after Spotify replaced the refresh token', async ({ harness }) => {
  await harness.configure({ conditions: { rotation: true } })
  const account = await db().account.findFirstOrThrow({ where: { userId: met.userId } })
  const old = unseal(account.refresh_token ?? '', tokenPlace(account, 'refresh_token'))
  // The crashed process requested new tokens and never saved them.
  await refresh(spotifyUrls().accounts, await appCredentials(account.spotifyAppId ?? ''), old)
  const listener = met.name
  await harness.configure({
    faults: [{ match: { path: '/v1/me', listener }, times: 1000, fault: { kind: 'expired-token' } }],
  })
  const { runs, requests } = await startRuns(harness, [met, other])
  await runJobs(requests)
  const { state, sees } = SYSTEM_FAULTS['a crash right after Spotify replaced the refresh token']
  const { streams } = await runOf(runs.get(met) ?? '')
  expect(streams[SAVED]).toMatchObject({ state, problem: sees, remedy: expect.stringContaining('Reconnect') })
  expect((await runOf(runs.get(other) ?? '')).state).toBe('succeeded')

  await harness.configure({ clearFaults: true })
  await harness.signIn(met.name)
  await runJobs(await recoverStreamRuns(new Date(), { userId: met.userId }))
  expect((await runOf(runs.get(met) ?? '')).state).toBe('succeeded')
  await expectBothComplete(harness)
})

test('a clock that is set ahead by a day', async ({ harness }) => {
  const { runs, result } = await inTheMiddle(harness, () => pass(DAY))
  expect(result?.status).toBe('fulfilled')
  for (const id of runs.values()) expect(await runOf(id)).toMatchObject({ state: 'succeeded', problem: null })
  await expectBothComplete(harness)
})

test('a clock that is set back by a day', async ({ harness }) => {
  pass(DAY)
  await db().schedule.updateMany({ data: { paused: false, nextAt: new Date(Date.now() - SECOND) } })
  await db().schedule.updateMany({ where: { group: { not: 'recently played' } }, data: { paused: true } })
  const planned = await plan(new Date())
  await recordPlanned(new Date())
  const waiting = await db().streamRun.findFirstOrThrow({ where: { userId: other.userId, state: 'queued' } })
  const blockedUntil = new Date(Date.now() + 20 * HOUR)
  await db().streamRun.update({ where: { id: waiting.id }, data: { state: 'waiting', waitingUntil: blockedUntil } })
  await runJobs(planned.requests.filter(({ streamRunId }) => streamRunId !== waiting.id))
  await db().quotaGroup.create({ data: { developerAccount: 'somebody', group: 'top', blockedUntil } })

  await simulateActivity(harness, [met, other])
  await db().streamRun.deleteMany({ where: { id: waiting.id } })
  const { runs } = await inTheMiddle(harness, () => pass(-DAY))
  for (const id of runs.values()) expect(await runOf(id)).toMatchObject({ state: 'succeeded', problem: null })
  await expectBothComplete(harness)

  expect(await correctClockSkew(new Date())).toBeGreaterThan(DAY - HOUR)
  const { blockedUntil: until } = await db().quotaGroup.findFirstOrThrow({ where: { group: 'top' } })
  expect(until?.getTime()).toBeLessThanOrEqual(Date.now() + 20 * HOUR)
  const polls = await db().schedule.findMany({ where: { group: 'recently played' } })
  for (const { nextAt } of polls) expect(nextAt.getTime()).toBeLessThanOrEqual(Date.now() + 2 * HOUR)
  // New data counts as newer than what was read while the clock was ahead.
  await simulateActivity(harness, [met, other])
  await runJobs((await startRuns(harness, [met, other])).requests)
  await expectBothComplete(harness)
  expect(await correctClockSkew(new Date(Date.now() + DAY + HOUR))).toBe(0)
})

test('an unreachable database', async ({ harness }) => {
  const url = new URL(process.env.DATABASE_URL ?? '')
  const name = url.pathname.slice(1)
  const server = <T>(sql: string) =>
    withClient(process.env.TEST_POSTGRES_URL ?? '', (client) => client.query(sql).then(({ rows }) => rows as T[]))
  const { runs, result } = await inTheMiddle(harness, async () => {
    await server(`alter database ${name} with allow_connections false`)
    await server(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
    expect(await health()).toMatchObject({ status: 'down' })
  })
  // The job failed, and so did its engine, which uses the same database.
  expect(result?.status).toBe('rejected')
  const { state, elsewhere } = SYSTEM_FAULTS['an unreachable database']
  const details = (await health()).checks.map(({ name: part, detail }) => `/api/health: ${part} ${detail}`)
  expect(details).toContain(elsewhere)

  await server(`alter database ${name} with allow_connections true`)
  // As if half a minute had passed, after which the slots of interrupted requests are free again.
  await db().requestSlot.updateMany({ data: { expiresAt: new Date(0) } })
  const active = await db().streamRun.findMany({ where: { endedAt: null } })
  expect(active.map((streamRun) => streamRun.state)).toContain(state)
  // The engine repeats the failed jobs, and the plan resends what was lost.
  await runJobs(active.map(requestOf), LOADER)
  for (const id of runs.values()) await runJobs(await takeStartable(id), LOADER)
  for (const id of runs.values()) expect(await runOf(id)).toMatchObject({ state: 'succeeded', problem: null })
  await expectBothComplete(harness)
})

test('an unexpected error', async ({ harness }) => {
  const { runs, requests } = await startRuns(harness, [met])
  await db().$executeRaw`alter table "StreamRead" rename to "a table that is gone"`
  await runJobs(requests)
  await db().$executeRaw`alter table "a table that is gone" rename to "StreamRead"`
  const { state, sees } = SYSTEM_FAULTS['an unexpected error']
  const { streams } = await runOf(runs.get(met) ?? '')
  // The message shows neither SQL nor file names.
  expect(streams[SAVED]).toMatchObject({ state, problem: sees, remedy: expect.stringContaining('Re-run') })

  const again = await startRuns(harness, [met, other])
  await runJobs(again.requests)
  for (const id of again.runs.values()) expect(await runOf(id)).toMatchObject({ state: 'succeeded', problem: null })
  await expectBothComplete(harness)
})

test('two runs ordered at once', async ({ harness }) => {
  const ordered = await Promise.all([met, met, other].map(({ userId }) => orderRun(userId, 'manual', { names: NAMES })))
  const runs = ordered.filter((run) => run !== null)
  for (const { id } of runs) await alignQueuedAt(harness, id)
  await runJobs((await Promise.all(runs.map(({ id }) => takeStartable(id)))).flat())
  for (const { id } of runs) expect(await runOf(id)).toMatchObject({ state: 'succeeded', problem: null })
  const { userId } = met
  expect(await db().streamRun.count({ where: { userId, stream: PLAYS, state: 'succeeded' } })).toBe(2)
  await expectBothComplete(harness)
})

test('a landing zone that is not writable', async ({ harness }) => {
  const folder = join(harness.folder, 'real', 'landing', 'raw_data', 'to_process', SAVED, met.userId)
  rmSync(folder, { recursive: true, force: true })
  writeFileSync(folder, 'a file where the folder should be')
  const { runs, requests } = await startRuns(harness, [met, other])
  await runJobs(requests)
  const { state, sees } = SYSTEM_FAULTS['a landing zone that is not writable']
  const { streams, id } = await runOf(runs.get(met) ?? '')
  expect(streams[SAVED]).toMatchObject({ state, problem: sees, remedy: expect.stringContaining('permission') })
  expect(streams[PLAYS]?.state).toBe('succeeded')
  expect((await runOf(runs.get(other) ?? '')).state).toBe('succeeded')
  await expectComplete(harness, other)

  rmSync(folder)
  await runJobs((await plan(new Date(Date.now() + HOUR))).requests)
  expect((await runOf(id)).state).toBe('succeeded')
  await expectComplete(harness, met)
})

/** Whether this machine lets an ordinary user mount; otherwise full disks can't be tested. */
const CAN_MOUNT = (() => {
  try {
    execFileSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** Runs with a full disk under a folder. @returns the stream runs while it was full */
async function onFullDisk(
  harness: Harness,
  folder: string,
  room: string,
  copy = '',
): Promise<Record<string, StreamRun>> {
  const run = await orderRun(met.userId, 'manual', { names: NAMES })
  await alignQueuedAt(harness, run?.id ?? '')
  mkdirSync(folder, { recursive: true })
  // Only one process can have the file open.
  await (await openDuckdb(duckdbFile(met.userId))).close()
  const script = join(import.meta.dirname, '../../testing/sync/run-on-full-disk.ts')
  const child = ['-rm', process.execPath, script, run?.id ?? '', folder, room, copy]
  const { stdout } = await promisify(execFile)('unshare', child)
  expect(await runOf(run?.id ?? '')).toMatchObject({ state: 'succeeded', problem: null })
  // Log lines are on stdout too.
  const line = stdout.split('\n').find((line) => line.startsWith('streams ')) ?? ''
  return JSON.parse(line.slice('streams '.length)) as Record<string, StreamRun>
}

test.runIf(CAN_MOUNT)('a full disk under the landing zone', async ({ harness }) => {
  const folder = join(harness.folder, 'real', 'landing', 'raw_data', 'to_process', SAVED)
  const streams = await onFullDisk(harness, folder, '12k')
  const { state, sees } = SYSTEM_FAULTS['a full disk under the landing zone']
  expect(streams[SAVED]).toMatchObject({ state, problem: sees })
  expect(streams[PLAYS]?.state).toBe('succeeded')
  await expectComplete(harness, met)
})

test.runIf(CAN_MOUNT)('a full disk under the warehouses', async ({ harness }) => {
  const copy = join(harness.folder, 'copy')
  const streams = await onFullDisk(harness, join(harness.folder, 'real', 'warehouses'), '40k', copy)
  const { state, sees } = SYSTEM_FAULTS['a full disk under the warehouses']
  expect(streams[SAVED]).toMatchObject({ state, problem: sees })
  cpSync(copy, join(harness.folder, 'real', 'warehouses'), { recursive: true })
  await expectComplete(harness, met)
})
