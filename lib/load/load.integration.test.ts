import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { erase } from '#lib/accounts/erase.ts'
import { rebuildEmbedded } from '#lib/accounts/rebuild.ts'
import { connections } from '#lib/accounts/status.ts'
import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { Wait } from '#lib/core/errors.ts'
import { db } from '#lib/db.ts'
import { extractSlice } from '#lib/extract/extract.ts'
import { queryChart } from '#lib/query/query-chart.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { plan } from '#lib/schedule/plan.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { closeRun } from '#lib/sync/close-run.ts'
import { orderRun } from '#lib/sync/order-run.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import {
  expectAllTables,
  expectEveryPlay,
  expectPlaylists,
  expectSavedTracks,
  tableLines,
} from '#testing/sync/expected.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { alignQueuedAt, loadAll, runJobs, runNow, runOf, runToEnd } from '#testing/sync/run-jobs.ts'
import { waitForWarehouse } from './failure.ts'
import { loadNext } from './load.ts'
import { forgetMusic } from './pending-music.ts'

const SAVED = 'user_saved_tracks_stream'
const PLAYS = 'user_recently_played_stream'
const TOP = 'user_top_tracks_st_stream'
const LISTS = 'user_playlists_stream'
const ITEMS = 'user_playlist_items_stream'

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
})

/** Extracts all streams of a run without loading anything, as if the loader were down. */
async function extractOnly(harness: Harness, id: string): Promise<void> {
  await alignQueuedAt(harness, id)
  const requests = await takeStartable(id)
  for (let request = requests.shift(); request; request = requests.shift()) {
    for (let more = true; more; ) {
      const end = await extractSlice(request)
      requests.push(...end.followers)
      more = end.more
    }
  }
}

async function keepOnly({ runId }: TestListener, ...names: string[]): Promise<void> {
  await db().streamRun.deleteMany({ where: { runId, stream: { notIn: names } } })
}

async function connectionOf({ userId }: TestListener) {
  return db().warehouseConnection.findFirstOrThrow({ where: { userId } })
}

async function landedFiles(harness: Harness, { userId }: TestListener, stream: string): Promise<string[]> {
  const objects = await db().landedObject.findMany({
    where: { read: { userId, stream } },
    orderBy: [{ readId: 'asc' }, { page: 'asc' }],
  })
  return objects.map(({ path }) => join(harness.folder, 'real', 'landing', path))
}

async function closeFile({ userId }: TestListener): Promise<string> {
  const file = duckdbFile(userId)
  await (await openDuckdb(file)).close()
  return file
}

async function loadEverything(listener: TestListener): Promise<void> {
  await loadAll((await connectionOf(listener)).id)
}

test.for([
  ['is cut short', (file: string) => truncateSync(file, 40), 'damaged'],
  ['is missing', (file: string) => rmSync(file), 'missing'],
] as const)(
  'fails only its own stream when a landed page %s, and reads it again in the next run',
  async ([, damage, reason], { harness, listener }) => {
    await keepOnly(listener, SAVED, TOP)
    await extractOnly(harness, listener.runId)
    const [, second] = await landedFiles(harness, listener, SAVED)
    damage(second ?? '')
    await loadEverything(listener)
    const run = await runOf(listener.runId)
    expect(run).toMatchObject({ state: 'incomplete', problem: expect.stringContaining(reason) })
    expect(run.streams[SAVED]).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining(reason),
      remedy: expect.stringContaining('Re-run'),
      rowsNew: 0,
    })
    expect(run.streams[TOP]?.state).toBe('succeeded')
    expect(await tableLines(harness, listener.userId, SAVED, ['id'])).toEqual([])

    const again = await runNow(harness, listener.userId, [SAVED])
    expect(again.streams[SAVED]?.state).toBe('succeeded')
    await expectSavedTracks(harness, listener.userId, listener.name)
  },
)

test('reads playlists again after a damaged page of items, and removes the rows of one that is gone', async ({
  harness,
  listener,
}) => {
  await runToEnd(harness, listener.runId, [LISTS, ITEMS])
  const [first] = await harness.expected(listener.name, 'playlists')
  await db().bookmark.create({ data: { userId: listener.userId, stream: ITEMS, name: 'version:given-up', value: 'v' } })
  const readable = (await harness.expected(listener.name, 'playlists')).find((one) => one.readable)
  await harness.configure({
    changes: [{ what: 'playlist', listener: listener.name, playlist: String((readable ?? first)?.id), add: 1 }],
  })
  await harness.setTime(new Date(harness.now().getTime() + MINUTE))
  const order = await orderRun(listener.userId, 'manual', { names: [LISTS, ITEMS] })
  const runId = order?.id ?? ''
  await extractOnly(harness, runId)
  const last = (await landedFiles(harness, listener, ITEMS)).at(-1) ?? ''
  truncateSync(last, 40)
  await loadEverything(listener)
  expect((await runOf(runId)).streams[ITEMS]?.state).toBe('failed')

  const again = await runNow(harness, listener.userId, [LISTS, ITEMS])
  expect(again.streams[ITEMS]?.state).toBe('succeeded')
  const read = await db().streamRead.findFirstOrThrow({
    where: { userId: listener.userId, stream: ITEMS },
    orderBy: { id: 'desc' },
    include: { parts: true },
  })
  expect(read.parts.map(({ part, state }) => [part, state]).sort()).toEqual(
    [
      ['given-up', 'gone'],
      [readable?.id, 'done'],
    ].sort(),
  )
  await expectPlaylists(harness, listener.userId, listener.name)
})

/** Lets another process hold the listener's warehouse file. @returns a function that releases it */
async function holdFile(listener: TestListener): Promise<() => Promise<void>> {
  const holder = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../testing/sync/hold-file.ts'), await closeFile(listener)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  await once(holder.stdout, 'data')
  return async () => {
    holder.stdin.end()
    await once(holder, 'exit')
  }
}

test('waits while another process holds the warehouse file, then loads everything, oldest first', async ({
  harness,
  listener,
}) => {
  await keepOnly(listener, SAVED, TOP)
  const release = await holdFile(listener)
  const run = await runToEnd(harness, listener.runId)
  expect(run.state).toBe('waiting')
  for (const { state, problem, remedy } of Object.values(run.streams)) {
    expect(state).toBe('waiting')
    expect(problem).toBe('The warehouse file is in use by another process')
    expect(remedy).toContain('Stop the other Tracklake')
  }
  // A later attempt logs nothing again. Planning may start another run if one is due at this moment.
  await loadPlanned(listener)
  const lines = await db().streamRunLine.findMany({
    where: { streamRun: { runId: listener.runId }, message: { contains: 'waits in the landing zone' } },
  })
  expect(lines.map(({ streamRunId }) => streamRunId).sort()).toEqual(
    Object.values(run.streams)
      .map(({ id }) => id)
      .sort(),
  )
  expect((await runOf(listener.runId)).streams[SAVED]).toMatchObject({ state: 'waiting', waitReason: 'warehouse' })
  // Another reason is logged, once as well.
  const full = new Wait('The disk is full', new Date(), { remedy: 'Free some space.' })
  for (let attempt = 0; attempt < 2; attempt++) await waitForWarehouse(await connectionOf(listener), full)
  expect(
    await db().streamRunLine.count({
      where: { streamRun: { runId: listener.runId }, message: { startsWith: full.message } },
    }),
  ).toBe(lines.length)
  await release()

  await loadPlanned(listener)
  expect((await runOf(listener.runId)).state).toBe('succeeded')
  await expectSavedTracks(harness, listener.userId, listener.name)
  await expectLoadedInOrder(listener)
  expect(await connectionOf(listener)).toMatchObject({ state: 'ready', problem: null, loadingUntil: null })
})

test('keeps polling recently played while the warehouse file is held, and loses no play', async ({
  harness,
  listener,
}) => {
  await runToEnd(harness, listener.runId, [PLAYS])
  const release = await holdFile(listener)
  const runs: string[] = []
  for (const count of [30, 25, 30]) {
    await harness.setTime(new Date(harness.now().getTime() + HOUR))
    await harness.configure({ changes: [{ what: 'play', listener: listener.name, count }] })
    const run = await runNow(harness, listener.userId, [PLAYS])
    expect(run).toMatchObject({ state: 'waiting', streams: { [PLAYS]: { state: 'waiting', phase: 'loading' } } })
    runs.push(run.id)
  }
  await release()

  await loadPlanned(listener)
  for (const id of runs) {
    const { state, streams } = await runOf(id)
    expect(state).toBe('succeeded')
    expect(streams[PLAYS]?.rowsNew).toBeGreaterThanOrEqual(25)
  }
  await expectEveryPlay(harness, listener.userId, listener.name)
  await expectLoadedInOrder(listener)
})

/** Runs what the next tick of the plan finds. */
async function loadPlanned(listener: TestListener): Promise<void> {
  const { connections, requests } = await plan(new Date(Date.now() + 10 * MINUTE))
  expect(connections).toContain((await connectionOf(listener)).id)
  await runJobs(requests)
  await loadEverything(listener)
}

async function expectLoadedInOrder({ userId }: TestListener): Promise<void> {
  const reads = await db().loadLedger.findMany({
    where: { read: { userId } },
    include: { read: true },
    orderBy: { loadedAt: 'asc' },
  })
  const completed = reads.map(({ read }) => read.completedAt?.getTime() ?? 0)
  expect(completed).toEqual([...completed].sort((a, b) => a - b))
}

test.for([
  ['that holds something else', (file: string) => writeFileSync(file, Buffer.alloc(20_000, 'not a warehouse'))],
  ['that is cut short', (file: string) => truncateSync(file, Math.floor(statSync(file).size * 0.6))],
] as const)(
  'reports a warehouse file %s before anything is loaded, and rebuilds it with the same tables',
  async ([, damage], { harness, listener }) => {
    await runToEnd(harness, listener.runId, [SAVED, TOP])
    const top = () => tableLines(harness, listener.userId, TOP, ['rank', 'uri', 'synced_at'])
    const before = await top()
    const file = await closeFile(listener)
    damage(file)
    const embedded = async () =>
      (await connections({ id: listener.userId })).warehouses.find(({ kind }) => kind === 'duckdb')
    expect(await embedded()).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining('damaged'),
      remedy: expect.stringContaining('Rebuild'),
    })
    // What a sync of that time could not load is loaded, too.
    await harness.configure({ changes: [{ what: 'like', listener: listener.name }] })
    expect((await runNow(harness, listener.userId, [SAVED])).state).toBe('failed')

    const [one, other] = await Promise.allSettled([rebuildEmbedded(listener.userId), rebuildEmbedded(listener.userId)])
    expect([one.status, other.status]).toContain('fulfilled')
    await loadEverything(listener)
    expect(await embedded()).toMatchObject({ state: 'ready', problem: null })
    await expectSavedTracks(harness, listener.userId, listener.name)
    expect(await top()).toEqual(before)
    const asideBytes = statSync(`${file}.damaged`).size
    // A second request, for example from another tab, finds a file that works.
    await expect(rebuildEmbedded(listener.userId)).rejects.toMatchObject({ status: 409, code: 'not-damaged' })
    expect(statSync(`${file}.damaged`).size).toBe(asideBytes)
    await expectSavedTracks(harness, listener.userId, listener.name)
    await erase(listener.userId, listener.name)
    expect(readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)))).toEqual([])
  },
)

test('fails with a remedy on a damaged warehouse file, and loads everything again once it was moved away', async ({
  harness,
  listener,
}) => {
  const file = await closeFile(listener)
  await runToEnd(harness, listener.runId, [SAVED])
  await closeFile(listener)
  writeFileSync(file, Buffer.alloc(20_000, 'not a warehouse'))
  await harness.configure({ changes: [{ what: 'like', listener: listener.name }] })
  const run = await runNow(harness, listener.userId, [SAVED, TOP])
  expect(run.state).toBe('failed')
  for (const { state, problem, remedy } of Object.values(run.streams)) {
    expect(state).toBe('failed')
    expect(problem).toContain('damaged')
    expect(remedy).toContain('press "Rebuild"')
  }
  rmSync(file)
  await plan(new Date())
  await loadEverything(listener)
  await expectSavedTracks(harness, listener.userId, listener.name)
})

test('rebuilds a deleted warehouse file from what was landed, and counts nothing twice', async ({
  harness,
  listener,
}) => {
  await runToEnd(harness, listener.runId)
  await harness.configure({ changes: [{ what: 'like', listener: listener.name }] })
  await runNow(harness, listener.userId, [SAVED])
  const before = await runOf(listener.runId)
  const file = await closeFile(listener)
  for (const name of [file, `${file}.wal`]) rmSync(name, { force: true })
  const { connections } = await plan(new Date())
  expect(connections).toContain((await connectionOf(listener)).id)
  await loadEverything(listener)
  await expectAllTables(harness, listener.userId, listener.name)
  expect(await runOf(listener.runId)).toEqual(before)
})

test('rebuilds a deleted warehouse file even if a chart was queried meanwhile', async ({ harness, listener }) => {
  await runToEnd(harness, listener.runId, [SAVED])
  rmSync(await closeFile(listener))
  expect((await queryChart(listener.userId, 'top-tracks', {})).rows).toEqual([])
  const { connections } = await plan(new Date())
  expect(connections).toContain((await connectionOf(listener)).id)
  await loadEverything(listener)
  await expectSavedTracks(harness, listener.userId, listener.name)
})

test('keeps the table when every item is rejected', async ({ harness, listener }) => {
  await runToEnd(harness, listener.runId, [TOP])
  const before = await tableLines(harness, listener.userId, TOP, ['rank', 'uri'])
  const order = await orderRun(listener.userId, 'manual', { names: [TOP] })
  await harness.setTime(new Date(harness.now().getTime() + 24 * 60 * MINUTE))
  const runId = order?.id ?? ''
  await extractOnly(harness, runId)
  const [file] = (await landedFiles(harness, listener, TOP)).slice(-1)
  writeFileSync(file ?? '', gzipSync(JSON.stringify({ items: [null, null], total: 2, next: null })))
  await loadEverything(listener)
  expect((await runOf(runId)).streams[TOP]).toMatchObject({
    state: 'failed',
    problem: expect.stringContaining('items were rejected'),
    remedy: expect.stringContaining('rows are kept'),
  })
  expect(await tableLines(harness, listener.userId, TOP, ['rank', 'uri'])).toEqual(before)
})

test('lets only one loader work on a destination', async ({ harness, listener }) => {
  await keepOnly(listener, SAVED)
  await extractOnly(harness, listener.runId)
  const { id } = await connectionOf(listener)
  await db().warehouseConnection.update({
    where: { id },
    data: { loadingBy: 'one', loadingUntil: new Date(Date.now() + MINUTE) },
  })
  expect(await loadNext(id, 'another')).toEqual({ more: false })
  expect(await loadNext(id, 'one')).toMatchObject({ more: true, endedRun: listener.runId })
  // Then the music is written, and the models are built.
  expect(await loadNext(id, 'one')).toEqual({ more: true })
  expect(await loadNext(id, 'one')).toEqual({ more: true })
  expect(await loadNext(id, 'one')).toEqual({ more: false })
  await closeRun(listener.runId)
  expect(await connectionOf(listener)).toMatchObject({ loadingBy: null, loadingUntil: null })
})

test('describes the music of several reads together, also if the process that loaded them has died', async ({
  harness,
  listener,
}) => {
  await keepOnly(listener, SAVED, TOP)
  await extractOnly(harness, listener.runId)
  const { id, userId } = await connectionOf(listener)
  await loadNext(id, 'loader')
  await loadNext(id, 'loader')
  const reads = { connectionId: id, music: { not: null } }
  expect(await db().loadLedger.count({ where: reads })).toBe(2)

  // What it had collected lay in its memory.
  forgetMusic(id)
  await db().warehouseConnection.update({ where: { id }, data: { loadingBy: null, loadingUntil: null } })
  expect((await plan(new Date())).connections).toContain(id)
  await loadAll(id)
  expect(await db().loadLedger.count({ where: reads })).toBe(0)
  const warehouse = await openDuckdb(duckdbFile(userId))
  const undescribed = await warehouse.query(
    `select id from (select id from raw.${SAVED} union select id from raw.${TOP}) songs
     where id not in (select id from raw.tracks where name is not null)`,
    [],
  )
  expect(undescribed).toEqual([])
  const [loads] = await warehouse.query("select count(*) as count from tracklake.loads where table_name = 'tracks'", [])
  expect(loads).toEqual({ count: 1 })
})

test('closes runs despite a missing landed file, and reads its content again after a rebuild', async ({
  harness,
  listener,
}) => {
  await keepOnly(listener, SAVED)
  await extractOnly(harness, listener.runId)
  // Loaded, but no run was closed since.
  const { id } = await connectionOf(listener)
  while ((await loadNext(id, 'loader')).more);
  const [file] = await landedFiles(harness, listener, SAVED)
  rmSync(file ?? '')
  const other = await harness.signIn('load-100')
  await runToEnd(harness, other.runId, [TOP])
  expect(await closeRun(other.runId)).toEqual([])
  expect(await db().landedObject.count({ where: { moved: false, outcome: 'loaded' } })).toBe(0)

  rmSync(await closeFile(listener))
  await plan(new Date())
  await loadEverything(listener)
  expect((await runNow(harness, listener.userId, [SAVED])).state).toBe('succeeded')
  await expectSavedTracks(harness, listener.userId, listener.name)
})
