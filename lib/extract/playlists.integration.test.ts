import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { DAY } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { orderRun } from '#lib/schedule/plan.ts'
import { expectPlaylists, tableLines } from '#testing/sync/expected.ts'
import { type Bed, makeBed } from '#testing/sync/harness.ts'
import { loadAll, runNow, runOf, runToEnd, startAt } from '#testing/sync/run-jobs.ts'
import { extractSlice } from './slice.ts'

const LISTS = 'user_playlists_stream'
const ITEMS = 'user_playlist_items_stream'

let bed: Bed
let nobody = 0
let listener: string
let userId: string
/** Playlists that the listener may read, the longest first. */
let own: string[]

beforeAll(async () => {
  bed = await makeBed()
})
beforeEach(async () => {
  await bed.order({ reset: true })
  await bed.moveTo(new Date('2026-10-14T12:00:00.000Z'))
  listener = `load-${++nobody}`
  const signedIn = await bed.signIn(listener)
  userId = signedIn.userId
  await runToEnd(bed, signedIn.runId, [LISTS, ITEMS])
  const playlists = await bed.truth(listener, 'playlists')
  own = playlists
    .filter(({ readable }) => readable)
    .sort((a, b) => Number(b.total) - Number(a.total))
    .map(({ id }) => String(id))
})
afterAll(() => bed.stop())

function run() {
  return runNow(bed, userId, [LISTS, ITEMS])
}

async function partsOfLastRead() {
  const read = await db().streamRead.findFirstOrThrow({ where: { userId, stream: ITEMS }, orderBy: { id: 'desc' } })
  return db().readPart.findMany({ where: { readId: read.id }, orderBy: { position: 'asc' } })
}

test('only a playlist that changed is asked for', async () => {
  await bed.order({ changes: [{ what: 'playlist', listener, playlist: own[1] ?? '', add: 2, remove: 0 }] })
  const { state, streams } = await run()
  expect(state).toBe('succeeded')
  expect((await partsOfLastRead()).map(({ part }) => part)).toEqual([own[1]])
  expect(streams[ITEMS]).toMatchObject({ state: 'succeeded', rowsNew: 1, rowsRemoved: 0 })
  await expectPlaylists(bed, userId, listener)
})

test('playlists of other people are not asked for', async () => {
  const playlists = await bed.truth(listener, 'playlists')
  const foreign = playlists.filter(({ readable }) => !readable).map(({ id }) => String(id))
  expect(foreign.length).toBeGreaterThan(0)
  const asked = (await partsOfLastRead()).map(({ part }) => part)
  expect(asked.sort()).toEqual([...own].sort())
})

test('the items of a playlist that is gone go too', async () => {
  const [, , third] = own
  // A playlist that Spotify no longer lists: as if the listener had kept one that does not exist.
  await db().bookmark.create({ data: { userId, stream: ITEMS, name: 'version:given-up', value: 'v' } })
  const { openWarehouse } = await import('#lib/storage/places.ts')
  const { playlistItems } = await import('#lib/streams/playlist-items.ts')
  const { streamTable } = await import('#lib/streams/stream.ts')
  const [row] = await bed.tableRows(userId, ITEMS)
  await (await openWarehouse({ userId })).load({
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
  await bed.order({ changes: [{ what: 'playlist', listener, playlist: third ?? '', add: 1 }] })
  expect((await run()).streams[ITEMS]).toMatchObject({ state: 'succeeded', rowsRemoved: 1 })
  await expectPlaylists(bed, userId, listener)
})

test('a playlist that Spotify refuses: its rows stay, the others go on, the run is incomplete and the next one asks again', async () => {
  const [first, second] = own
  const before = await tableLines(bed, userId, ITEMS, ['playlist_id', 'position'])
  await bed.order({
    changes: [first, second].map((playlist) => ({ what: 'playlist', listener, playlist: playlist ?? '', add: 1 })),
    faults: [
      { match: { path: `/playlists/${first}/items` }, fault: { kind: 'status', status: 403, message: 'Forbidden' } },
    ],
  })
  expect(await run()).toMatchObject({
    state: 'incomplete',
    streams: {
      [ITEMS]: {
        state: 'incomplete',
        problem: 'Spotify did not show 1 playlist',
        remedy: expect.stringContaining('next run'),
        rowsNew: 1,
        rowsRemoved: 0,
      },
    },
  })
  const states = Object.fromEntries((await partsOfLastRead()).map(({ part, state }) => [part, state]))
  expect(states).toEqual({ [first ?? '']: 'refused', [second ?? '']: 'done' })
  const after = await tableLines(bed, userId, ITEMS, ['playlist_id', 'position'])
  expect(after).toEqual(expect.arrayContaining(before))

  expect((await run()).streams[ITEMS]).toMatchObject({ state: 'succeeded', problem: null, rowsNew: 1 })
  await expectPlaylists(bed, userId, listener)
})

test('a playlist that Spotify never showed makes one run incomplete, not all, and is asked again when it changes', async () => {
  listener = `load-${++nobody}`
  const [hidden = ''] = (await bed.truth(listener, 'playlists'))
    .filter(({ readable }) => readable)
    .map(({ id }) => String(id))
  const refusal = { kind: 'status', status: 404, message: 'Not found' } as const
  await bed.order({ faults: [{ match: { path: `/playlists/${hidden}/items` }, times: 1000, fault: refusal }] })
  const signedIn = await bed.signIn(listener)
  userId = signedIn.userId
  const first = await runToEnd(bed, signedIn.runId, [LISTS, ITEMS])
  expect(first.streams[ITEMS]).toMatchObject({ state: 'incomplete', problem: 'Spotify did not show 1 playlist' })
  // It might have been a whim.
  expect((await run()).streams[ITEMS]).toMatchObject({ state: 'succeeded', requests: 1 })
  expect((await run()).streams[ITEMS]).toMatchObject({ state: 'nothing_new', requests: 0 })
  const change = { what: 'playlist', listener, playlist: hidden, add: 1 } as const
  await bed.order({ changes: [change] })
  expect((await run()).streams[ITEMS]).toMatchObject({ state: 'succeeded', requests: 1 })
  await bed.order({ changes: [change], clearFaults: true })
  expect((await run()).streams[ITEMS]?.rowsNew).toBeGreaterThan(0)
  await expectPlaylists(bed, userId, listener)
})

test('a playlist that is refused in the middle keeps its rows and brings none', async () => {
  const [first] = own
  await bed.order({ changes: [{ what: 'playlist', listener, playlist: first ?? '', add: 60 }] })
  await run()
  const before = await tableLines(bed, userId, ITEMS, ['playlist_id', 'position', 'uri'])
  await bed.order({
    changes: [{ what: 'playlist', listener, playlist: first ?? '', remove: 0 }],
    faults: [{ match: { path: `/playlists/${first}/items.*offset=50` }, fault: { kind: 'status', status: 403 } }],
  })
  expect((await run()).streams[ITEMS]).toMatchObject({ state: 'incomplete', rowsRemoved: 0 })
  expect(await partsOfLastRead()).toMatchObject([{ part: first, state: 'refused' }])
  expect(await tableLines(bed, userId, ITEMS, ['playlist_id', 'position', 'uri'])).toEqual(before)
})

test('of two slices at once, as after the death of an engine, one stops, and no page comes twice', async () => {
  const [first = ''] = own
  await bed.order({ changes: [{ what: 'playlist', listener, playlist: first, add: 180 }] })
  await runNow(bed, userId, [LISTS])
  const { request, runId } = await itemsAreDue()
  for (let more = true; more; ) {
    const ends = await Promise.allSettled([extractSlice(request), extractSlice(request)])
    // A slice that failed over the other one's rows is repeated, as by its job.
    more = ends.some((end) => end.status === 'rejected' || end.value.more)
  }
  const { id } = await db().warehouseConnection.findFirstOrThrow({ where: { userId } })
  await loadAll(id)
  await expectPlaylists(bed, userId, listener)
  const items = (await tableLines(bed, userId, ITEMS, ['playlist_id'])).filter((line) => line === first).length
  expect((await runOf(runId)).streams[ITEMS]).toMatchObject({ state: 'succeeded', items, pages: Math.ceil(items / 50) })
})

async function itemsAreDue() {
  const run = await orderRun(userId, 'manual', { names: [ITEMS] })
  const runId = run?.id ?? ''
  await startAt(bed, runId)
  const [request] = await takeStartable(runId)
  if (!request) throw new Error('nothing to start')
  return { request, runId }
}

test('a playlist that moves while it is read is read again', async () => {
  const [first] = own
  await bed.order({ changes: [{ what: 'playlist', listener, playlist: first ?? '', add: 60 }] })
  await bed.order({
    changes: [
      {
        what: 'playlist',
        listener,
        playlist: first ?? '',
        remove: 3,
        afterPages: { path: '/playlists/{id}/items', pages: 1 },
      },
    ],
  })
  expect((await run()).streams[ITEMS]?.state).toBe('succeeded')
  const [part] = await partsOfLastRead()
  expect(part).toMatchObject({ part: first, state: 'done', restarts: 1 })
  // The list of playlists was older than what its items say; the next run asks once more.
  await run()
  await expectPlaylists(bed, userId, listener)
})

test('a playlist that moves each of three times keeps its rows, and the run is incomplete', async () => {
  const [first] = own
  await bed.order({ changes: [{ what: 'playlist', listener, playlist: first ?? '', add: 60 }] })
  const before = await tableLines(bed, userId, ITEMS, ['playlist_id', 'position', 'uri'])
  const items = await bed.truth(listener, 'playlist-items', { playlist: first ?? '' })
  const pages = Math.ceil(items.length / 50)
  await bed.order({
    // In each reading after its first page, and so before the look that follows its last one.
    changes: [0, 1, 2].map((reading) => ({
      what: 'playlist' as const,
      listener,
      playlist: first ?? '',
      add: 1,
      remove: 0,
      afterPages: { path: '/playlists/{id}/items', pages: 1 + reading * (pages + 1) },
    })),
  })
  const { state, streams } = await run()
  expect(state).toBe('incomplete')
  expect(streams[ITEMS]).toMatchObject({
    state: 'incomplete',
    problem: expect.stringContaining('changed each time'),
    remedy: expect.stringContaining('next run'),
  })
  expect(await tableLines(bed, userId, ITEMS, ['playlist_id', 'position', 'uri'])).toEqual(before)
  await bed.moveTo(new Date(bed.at().getTime() + DAY))
  await run()
  await expectPlaylists(bed, userId, listener)
})
