import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ask } from '../ask.ts'
import { HOUR, MINUTE } from '../clock.ts'
import { db } from '../db.ts'
import { openDuckdb } from '../warehouse/duckdb/duckdb.ts'
import { closeRun } from './close-run.ts'
import { extractSlice } from './extract-slice.ts'
import { loadNext } from './load.ts'
import { duckdbFile } from './places.ts'
import { orderRun, plan } from './plan.ts'
import { takeStartable } from './runs.ts'
import { type Bed, makeBed } from './testing/bed.ts'
import { drive, loadAll, runNow, runOf, runToEnd, startAt } from './testing/drive.ts'
import { expectEveryPlay, expectPlaylists, expectSavedTracks, expectTruth, tableLines } from './testing/truth.ts'

const SAVED = 'user_saved_tracks_stream'
const PLAYS = 'user_recently_played_stream'
const TOP = 'user_top_tracks_st_stream'
const LISTS = 'user_playlists_stream'
const ITEMS = 'user_playlist_items_stream'

let bed: Bed
let nobody = 0
let listener: string
let userId: string
let runId: string

beforeAll(async () => {
  bed = await makeBed()
})
beforeEach(async () => {
  await bed.order({ reset: true })
  await bed.moveTo(new Date('2026-10-14T12:00:00.000Z'))
  listener = `load-${++nobody}`
  const signedIn = await bed.signIn(listener)
  userId = signedIn.userId
  runId = signedIn.runId
})
afterAll(() => bed.stop())

/** Reads the streams whole without loading anything, as when the loader is away. */
async function extractOnly(id: string): Promise<void> {
  await startAt(bed, id)
  const requests = await takeStartable(id)
  for (let request = requests.shift(); request; request = requests.shift()) {
    for (let more = true; more; ) {
      const end = await extractSlice(request)
      requests.push(...end.followers)
      more = end.more
    }
  }
}

async function only(...names: string[]): Promise<void> {
  await db().streamRun.deleteMany({ where: { runId, stream: { notIn: names } } })
}

async function connection() {
  return db().warehouseConnection.findFirstOrThrow({ where: { userId } })
}

async function landedFiles(stream: string): Promise<string[]> {
  const objects = await db().landedObject.findMany({
    where: { read: { userId, stream } },
    orderBy: [{ readId: 'asc' }, { page: 'asc' }],
  })
  return objects.map(({ path }) => join(bed.folder, 'real', 'landing', path))
}

async function closeFile(): Promise<string> {
  const file = duckdbFile(userId)
  await (await openDuckdb(file)).close()
  return file
}

async function loadEverything(): Promise<void> {
  await loadAll((await connection()).id)
}

test.for([
  ['is cut short', (file: string) => truncateSync(file, 40), 'damaged'],
  ['is missing', (file: string) => rmSync(file), 'missing'],
] as const)(
  'a landed page that %s: the stream fails with words, the others are loaded, the next run reads anew',
  async ([, harm, words]) => {
    await only(SAVED, TOP)
    await extractOnly(runId)
    const [, second] = await landedFiles(SAVED)
    harm(second ?? '')
    await loadEverything()
    const run = await runOf(runId)
    expect(run).toMatchObject({ state: 'incomplete', problem: expect.stringContaining(words) })
    expect(run.streams[SAVED]).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining(words),
      remedy: expect.stringContaining('Re-run'),
      rowsNew: 0,
    })
    expect(run.streams[TOP]?.state).toBe('succeeded')
    expect(await tableLines(bed, userId, SAVED, ['id'])).toEqual([])

    const again = await runNow(bed, userId, [SAVED])
    expect(again.streams[SAVED]?.state).toBe('succeeded')
    await expectSavedTracks(bed, userId, listener)
  },
)

test('a damaged page of playlist items: their playlists are read again, and one that went meanwhile loses its rows', async () => {
  await runToEnd(bed, runId, [LISTS, ITEMS])
  const [first] = await bed.truth(listener, 'playlists')
  await db().bookmark.create({ data: { userId, stream: ITEMS, name: 'version:given-up', value: 'v' } })
  const readable = (await bed.truth(listener, 'playlists')).find((one) => one.readable)
  await bed.order({ changes: [{ what: 'playlist', listener, playlist: String((readable ?? first)?.id), add: 1 }] })
  await bed.moveTo(new Date(bed.at().getTime() + MINUTE))
  const order = await orderRun(userId, 'manual', { names: [LISTS, ITEMS] })
  runId = order?.id ?? ''
  await extractOnly(runId)
  const last = (await landedFiles(ITEMS)).at(-1) ?? ''
  truncateSync(last, 40)
  await loadEverything()
  expect((await runOf(runId)).streams[ITEMS]?.state).toBe('failed')

  const again = await runNow(bed, userId, [LISTS, ITEMS])
  expect(again.streams[ITEMS]?.state).toBe('succeeded')
  const read = await db().streamRead.findFirstOrThrow({
    where: { userId, stream: ITEMS },
    orderBy: { id: 'desc' },
    include: { parts: true },
  })
  expect(read.parts.map(({ part, state }) => [part, state]).sort()).toEqual(
    [
      ['given-up', 'gone'],
      [readable?.id, 'done'],
    ].sort(),
  )
  await expectPlaylists(bed, userId, listener)
})

/** Another process takes the listener's warehouse file. @returns what makes it let go */
async function holdFile(): Promise<() => Promise<void>> {
  const holder = spawn(process.execPath, [join(import.meta.dirname, 'testing', 'hold-file.ts'), await closeFile()], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  return async () => {
    holder.stdin.end()
    await once(holder, 'exit')
  }
}

test('a warehouse file that another process holds: the run waits with words, then loads everything, oldest first', async () => {
  await only(SAVED, TOP)
  const letGo = await holdFile()
  const run = await runToEnd(bed, runId)
  expect(run.state).toBe('waiting')
  for (const { state, problem, remedy } of Object.values(run.streams)) {
    expect(state).toBe('waiting')
    expect(problem).toBe('The warehouse file is in use by another process')
    expect(remedy).toContain('Stop the other Tracklake')
  }
  // A later try says nothing again.
  await loadPlanned()
  const lines = await db().streamRunLine.findMany({ where: { message: { contains: 'waits in the landing zone' } } })
  expect(lines.map(({ streamRunId }) => streamRunId).sort()).toEqual(
    Object.values(run.streams)
      .map(({ id }) => id)
      .sort(),
  )
  expect((await runOf(runId)).streams[SAVED]).toMatchObject({ state: 'waiting', waitReason: 'warehouse' })
  await letGo()

  await loadPlanned()
  expect((await runOf(runId)).state).toBe('succeeded')
  await expectSavedTracks(bed, userId, listener)
  await expectLoadedInOrder()
  expect(await connection()).toMatchObject({ state: 'ready', problem: null, loadingUntil: null })
})

test('while the warehouse file is held recently played is looked at all the same, and no play is lost', async () => {
  await runToEnd(bed, runId, [PLAYS])
  const letGo = await holdFile()
  const looks: string[] = []
  for (const count of [30, 25, 30]) {
    await bed.moveTo(new Date(bed.at().getTime() + HOUR))
    await bed.order({ changes: [{ what: 'play', listener, count }] })
    const look = await runNow(bed, userId, [PLAYS])
    expect(look).toMatchObject({ state: 'waiting', streams: { [PLAYS]: { state: 'waiting', phase: 'loading' } } })
    looks.push(look.id)
  }
  await letGo()

  await loadPlanned()
  for (const id of looks) {
    const { state, streams } = await runOf(id)
    expect(state).toBe('succeeded')
    expect(streams[PLAYS]?.rowsNew).toBeGreaterThanOrEqual(25)
  }
  await expectEveryPlay(bed, userId, listener)
  await expectLoadedInOrder()
})

/** What the next tick of the plan brings about. */
async function loadPlanned(): Promise<void> {
  const { connections, requests } = await plan(new Date(Date.now() + 10 * MINUTE))
  expect(connections).toContain((await connection()).id)
  await drive(requests)
  await loadEverything()
}

async function expectLoadedInOrder(): Promise<void> {
  const reads = await db().loadLedger.findMany({
    where: { read: { userId } },
    include: { read: true },
    orderBy: { loadedAt: 'asc' },
  })
  const completed = reads.map(({ read }) => read.completedAt?.getTime() ?? 0)
  expect(completed).toEqual([...completed].sort((a, b) => a - b))
}

test('a damaged warehouse file: the streams fail with words; with the file away, everything is loaded again', async () => {
  const file = await closeFile()
  await runToEnd(bed, runId, [SAVED])
  await closeFile()
  writeFileSync(file, Buffer.alloc(20_000, 'not a warehouse'))
  await bed.order({ changes: [{ what: 'like', listener }] })
  const run = await runNow(bed, userId, [SAVED, TOP])
  expect(run.state).toBe('failed')
  for (const { state, problem, remedy } of Object.values(run.streams)) {
    expect(state).toBe('failed')
    expect(problem).toContain('damaged')
    expect(remedy).toContain('move the file and its .wal away')
  }
  rmSync(file)
  await plan(new Date())
  await loadEverything()
  await expectSavedTracks(bed, userId, listener)
})

test('a warehouse file that was taken away is made again of what was landed, and counts nothing twice', async () => {
  await runToEnd(bed, runId)
  await bed.order({ changes: [{ what: 'like', listener }] })
  await runNow(bed, userId, [SAVED])
  const before = await runOf(runId)
  const file = await closeFile()
  for (const name of [file, `${file}.wal`]) rmSync(name, { force: true })
  const { connections } = await plan(new Date())
  expect(connections).toContain((await connection()).id)
  await loadEverything()
  await expectTruth(bed, userId, listener)
  expect(await runOf(runId)).toEqual(before)
})

test('a warehouse file that was taken away and then looked at is made again all the same', async () => {
  await runToEnd(bed, runId, [SAVED])
  rmSync(await closeFile())
  expect((await ask(userId, 'top-tracks', {})).rows).toEqual([])
  const { connections } = await plan(new Date())
  expect(connections).toContain((await connection()).id)
  await loadEverything()
  await expectSavedTracks(bed, userId, listener)
})

test('answers of which nothing can be kept empty no table', async () => {
  await runToEnd(bed, runId, [TOP])
  const before = await tableLines(bed, userId, TOP, ['rank', 'uri'])
  const order = await orderRun(userId, 'manual', { names: [TOP] })
  await bed.moveTo(new Date(bed.at().getTime() + 24 * 60 * MINUTE))
  runId = order?.id ?? ''
  await extractOnly(runId)
  const [file] = (await landedFiles(TOP)).slice(-1)
  writeFileSync(file ?? '', gzipSync(JSON.stringify({ items: [null, null], total: 2, next: null })))
  await loadEverything()
  expect((await runOf(runId)).streams[TOP]).toMatchObject({
    state: 'failed',
    problem: expect.stringContaining('None of the'),
    remedy: expect.stringContaining('rows stay as they were'),
  })
  expect(await tableLines(bed, userId, TOP, ['rank', 'uri'])).toEqual(before)
})

test('only one loader works on a destination; the others leave', async () => {
  await only(SAVED)
  await extractOnly(runId)
  const { id } = await connection()
  await db().warehouseConnection.update({
    where: { id },
    data: { loadingBy: 'one', loadingUntil: new Date(Date.now() + MINUTE) },
  })
  expect(await loadNext(id, 'another')).toEqual({ more: false })
  expect(await loadNext(id, 'one')).toMatchObject({ more: true, endedRun: runId })
  expect(await loadNext(id, 'one')).toEqual({ more: false })
  await closeRun(runId)
  expect(await connection()).toMatchObject({ loadingBy: null, loadingUntil: null })
})

test('a landed file that is gone spoils the closing of no run, and a rebuild asks anew for what was in it', async () => {
  await only(SAVED)
  await extractOnly(runId)
  // Loaded, and nothing was closed since.
  const { id } = await connection()
  while ((await loadNext(id, 'loader')).more);
  const [file] = await landedFiles(SAVED)
  rmSync(file ?? '')
  const other = await bed.signIn(`load-${++nobody}`)
  await runToEnd(bed, other.runId, [TOP])
  expect(await closeRun(other.runId)).toEqual([])
  expect(await db().landedObject.count({ where: { moved: false, outcome: 'loaded' } })).toBe(0)

  rmSync(await closeFile())
  await plan(new Date())
  await loadEverything()
  expect((await runNow(bed, userId, [SAVED])).state).toBe('succeeded')
  await expectSavedTracks(bed, userId, listener)
})
