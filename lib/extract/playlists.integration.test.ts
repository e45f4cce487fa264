import { expect } from 'vitest'
import { DAY } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { orderRun } from '#lib/sync/order-run.ts'
import { expectPlaylists, tableLines } from '#testing/sync/expected.ts'
import { test as base, type TestListener } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { alignQueuedAt, loadAll, runNow, runOf, runToEnd } from '#testing/sync/run-jobs.ts'
import { extractSlice } from './extract.ts'

const LISTS = 'user_playlists_stream'
const ITEMS = 'user_playlist_items_stream'

/** With the playlists that the listener may read, the longest first. */
const test = base.extend('own', async ({ harness, listener }) => {
  const playlists = await harness.expected(listener.name, 'playlists')
  return playlists
    .filter(({ readable }) => readable)
    .sort((a, b) => Number(b.total) - Number(a.total))
    .map(({ id }) => String(id))
})

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
})
test.beforeEach(async ({ harness, listener }) => {
  await runToEnd(harness, listener.runId, [LISTS, ITEMS])
})

function run(harness: Harness, { userId }: TestListener) {
  return runNow(harness, userId, [LISTS, ITEMS])
}

async function partsOfLastRead({ userId }: TestListener) {
  const read = await db().streamRead.findFirstOrThrow({ where: { userId, stream: ITEMS }, orderBy: { id: 'desc' } })
  return db().readPart.findMany({ where: { readId: read.id }, orderBy: { position: 'asc' } })
}

test('requests only playlists that changed', async ({ harness, listener, own }) => {
  await harness.configure({
    changes: [{ what: 'playlist', listener: listener.name, playlist: own[1] ?? '', add: 2, remove: 0 }],
  })
  const { state, streams } = await run(harness, listener)
  expect(state).toBe('succeeded')
  expect((await partsOfLastRead(listener)).map(({ part }) => part)).toEqual([own[1]])
  expect(streams[ITEMS]).toMatchObject({ state: 'succeeded', rowsNew: 1, rowsRemoved: 0 })
  await expectPlaylists(harness, listener.userId, listener.name)
})

test('does not request playlists of other people', async ({ harness, listener, own }) => {
  const playlists = await harness.expected(listener.name, 'playlists')
  const foreign = playlists.filter(({ readable }) => !readable).map(({ id }) => String(id))
  expect(foreign.length).toBeGreaterThan(0)
  const requested = (await partsOfLastRead(listener)).map(({ part }) => part)
  expect(requested.sort()).toEqual([...own].sort())
})

test('removes the items of a playlist that is gone', async ({ harness, listener, own }) => {
  const [, , third] = own
  // As if an earlier run had read a playlist that Spotify no longer lists.
  await db().bookmark.create({ data: { userId: listener.userId, stream: ITEMS, name: 'version:given-up', value: 'v' } })
  const { openEmbeddedCopy: openWarehouse } = await import('#lib/storage/places.ts')
  const { playlistItems } = await import('#lib/streams/playlist-items.ts')
  const { streamTable } = await import('#lib/streams/stream.ts')
  const [row] = await harness.tableRows(listener.userId, ITEMS)
  await (await openWarehouse({ userId: listener.userId })).load({
    readId: 'an older read',
    runId: 'an older run',
    stream: ITEMS,
    table: streamTable(playlistItems),
    mode: 'replace part',
    parts: { column: 'playlist_id', values: ['given-up'] },
    rows: (async function* () {
      yield [{ ...row, playlist_id: 'given-up' }]
    })(),
  })
  await harness.configure({ changes: [{ what: 'playlist', listener: listener.name, playlist: third ?? '', add: 1 }] })
  expect((await run(harness, listener)).streams[ITEMS]).toMatchObject({ state: 'succeeded', rowsRemoved: 1 })
  await expectPlaylists(harness, listener.userId, listener.name)
})

test('keeps the rows of a refused playlist, reads the others, ends incomplete and requests it again in the next run', async ({
  harness,
  listener,
  own,
}) => {
  const [first, second] = own
  const before = await tableLines(harness, listener.userId, ITEMS, ['playlist_id', 'position'])
  await harness.configure({
    changes: [first, second].map((playlist) => ({
      what: 'playlist',
      listener: listener.name,
      playlist: playlist ?? '',
      add: 1,
    })),
    faults: [
      { match: { path: `/playlists/${first}/items` }, fault: { kind: 'status', status: 403, message: 'Forbidden' } },
    ],
  })
  expect(await run(harness, listener)).toMatchObject({
    state: 'incomplete',
    streams: {
      [ITEMS]: {
        state: 'incomplete',
        problem: 'Spotify did not return 1 playlist',
        remedy: expect.stringContaining('next sync'),
        rowsNew: 1,
        rowsRemoved: 0,
      },
    },
  })
  const states = Object.fromEntries((await partsOfLastRead(listener)).map(({ part, state }) => [part, state]))
  expect(states).toEqual({ [first ?? '']: 'refused', [second ?? '']: 'done' })
  const after = await tableLines(harness, listener.userId, ITEMS, ['playlist_id', 'position'])
  expect(after).toEqual(expect.arrayContaining(before))

  expect((await run(harness, listener)).streams[ITEMS]).toMatchObject({ state: 'succeeded', problem: null, rowsNew: 1 })
  await expectPlaylists(harness, listener.userId, listener.name)
})

test('ends one run as incomplete, not all, for a playlist that Spotify never showed, and requests it again when it changes', async ({
  harness,
}) => {
  const name = 'load-100'
  const [hidden = ''] = (await harness.expected(name, 'playlists'))
    .filter(({ readable }) => readable)
    .map(({ id }) => String(id))
  const refusal = { kind: 'status', status: 404, message: 'Not found' } as const
  await harness.configure({ faults: [{ match: { path: `/playlists/${hidden}/items` }, times: 1000, fault: refusal }] })
  const listener = { name, ...(await harness.signIn(name)) }
  const first = await runToEnd(harness, listener.runId, [LISTS, ITEMS])
  expect(first.streams[ITEMS]).toMatchObject({ state: 'incomplete', problem: 'Spotify did not return 1 playlist' })
  // A first refusal may be temporary, so it is requested once more.
  expect((await run(harness, listener)).streams[ITEMS]).toMatchObject({ state: 'succeeded', requests: 1 })
  expect((await run(harness, listener)).streams[ITEMS]).toMatchObject({ state: 'nothing_new', requests: 0 })
  const change = { what: 'playlist', listener: listener.name, playlist: hidden, add: 1 } as const
  await harness.configure({ changes: [change] })
  expect((await run(harness, listener)).streams[ITEMS]).toMatchObject({ state: 'succeeded', requests: 1 })
  await harness.configure({ changes: [change], clearFaults: true })
  expect((await run(harness, listener)).streams[ITEMS]?.rowsNew).toBeGreaterThan(0)
  await expectPlaylists(harness, listener.userId, listener.name)
})

test('keeps the rows of a playlist that is refused halfway and adds none', async ({ harness, listener, own }) => {
  const [first] = own
  await harness.configure({ changes: [{ what: 'playlist', listener: listener.name, playlist: first ?? '', add: 60 }] })
  await run(harness, listener)
  const before = await tableLines(harness, listener.userId, ITEMS, ['playlist_id', 'position', 'uri'])
  await harness.configure({
    changes: [{ what: 'playlist', listener: listener.name, playlist: first ?? '', remove: 0 }],
    faults: [{ match: { path: `/playlists/${first}/items.*offset=50` }, fault: { kind: 'status', status: 403 } }],
  })
  expect((await run(harness, listener)).streams[ITEMS]).toMatchObject({ state: 'incomplete', rowsRemoved: 0 })
  expect(await partsOfLastRead(listener)).toMatchObject([{ part: first, state: 'refused' }])
  expect(await tableLines(harness, listener.userId, ITEMS, ['playlist_id', 'position', 'uri'])).toEqual(before)
})

test('stops one of two concurrent slices, as after an engine crash, so that no page comes twice', async ({
  harness,
  listener,
  own,
}) => {
  const [first = ''] = own
  await harness.configure({ changes: [{ what: 'playlist', listener: listener.name, playlist: first, add: 180 }] })
  await runNow(harness, listener.userId, [LISTS])
  const { request, runId } = await orderItems(harness, listener)
  for (let more = true; more; ) {
    const ends = await Promise.allSettled([extractSlice(request), extractSlice(request)])
    // Its job would repeat a slice that failed because of the other one.
    more = ends.some((end) => end.status === 'rejected' || end.value.more)
  }
  const { id } = await db().warehouseConnection.findFirstOrThrow({ where: { userId: listener.userId } })
  await loadAll(id)
  await expectPlaylists(harness, listener.userId, listener.name)
  const items = (await tableLines(harness, listener.userId, ITEMS, ['playlist_id'])).filter(
    (line) => line === first,
  ).length
  expect((await runOf(runId)).streams[ITEMS]).toMatchObject({ state: 'succeeded', items, pages: Math.ceil(items / 50) })
})

async function orderItems(harness: Harness, { userId }: TestListener) {
  const run = await orderRun(userId, 'manual', { names: [ITEMS] })
  const runId = run?.id ?? ''
  await alignQueuedAt(harness, runId)
  const [request] = await takeStartable(runId)
  if (!request) throw new Error('nothing to start')
  return { request, runId }
}

test('rereads a playlist that moved while it was read', async ({ harness, listener, own }) => {
  const [first] = own
  await harness.configure({ changes: [{ what: 'playlist', listener: listener.name, playlist: first ?? '', add: 60 }] })
  await harness.configure({
    changes: [
      {
        what: 'playlist',
        listener: listener.name,
        playlist: first ?? '',
        remove: 3,
        afterPages: { path: '/playlists/{id}/items', pages: 1 },
      },
    ],
  })
  expect((await run(harness, listener)).streams[ITEMS]?.state).toBe('succeeded')
  const [part] = await partsOfLastRead(listener)
  expect(part).toMatchObject({ part: first, state: 'done', restarts: 1 })
  // The list of playlists was older than the items, so the next run reads them once more.
  await run(harness, listener)
  await expectPlaylists(harness, listener.userId, listener.name)
})

test('keeps the rows of a playlist that moves during each of three reads, and ends incomplete', async ({
  harness,
  listener,
  own,
}) => {
  const [first] = own
  await harness.configure({ changes: [{ what: 'playlist', listener: listener.name, playlist: first ?? '', add: 60 }] })
  const before = await tableLines(harness, listener.userId, ITEMS, ['playlist_id', 'position', 'uri'])
  const items = await harness.expected(listener.name, 'playlist-items', { playlist: first ?? '' })
  const pages = Math.ceil(items.length / 50)
  await harness.configure({
    // In each read after its first page, so before the first page is requested again.
    changes: [0, 1, 2].map((read) => ({
      what: 'playlist' as const,
      listener: listener.name,
      playlist: first ?? '',
      add: 1,
      remove: 0,
      afterPages: { path: '/playlists/{id}/items', pages: 1 + read * (pages + 1) },
    })),
  })
  const { state, streams } = await run(harness, listener)
  expect(state).toBe('incomplete')
  expect(streams[ITEMS]).toMatchObject({
    state: 'incomplete',
    problem: expect.stringContaining('changed each time'),
    remedy: expect.stringContaining('next sync'),
  })
  expect(await tableLines(harness, listener.userId, ITEMS, ['playlist_id', 'position', 'uri'])).toEqual(before)
  await harness.setTime(new Date(harness.now().getTime() + DAY))
  await run(harness, listener)
  await expectPlaylists(harness, listener.userId, listener.name)
})
