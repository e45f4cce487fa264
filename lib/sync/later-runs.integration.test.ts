import { expect } from 'vitest'
import { DAY } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { expectAllTables, expectSavedTracks } from '#testing/sync/expected.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { runNow, runToEnd } from '#testing/sync/run-jobs.ts'
import { orderRun } from './order-run.ts'

const SAVED = 'user_saved_tracks_stream'
const TOP = ['user_top_tracks_st_stream', 'user_top_artists_st_stream']

test.beforeEach(async ({ harness, listener: { runId } }) => {
  await runToEnd(harness, runId, [SAVED, ...TOP])
})

/** A listener whose first run read every stream. */
async function fullySynced(harness: Harness, name: string): Promise<TestListener> {
  const synced = { name, ...(await harness.signIn(name)) }
  await runToEnd(harness, synced.runId)
  return synced
}

async function history(harness: Harness, { userId }: TestListener): Promise<unknown[]> {
  const rows = await harness.tableRows(userId, 'user_saved_tracks_history', 'id, change, seen_at')
  return rows.filter(({ seen_at }) => seen_at !== '2026-10-14T12:00:00.000Z').map(({ change }) => change)
}

async function savedReads({ userId }: TestListener) {
  return db().streamRead.findMany({ where: { userId, stream: SAVED }, orderBy: { createdAt: 'asc' } })
}

test('a second run on the same day finds nothing new, with one request per list', async ({ harness }) => {
  const { name, userId } = await fullySynced(harness, 'load-100')
  const run = await runNow(harness, userId)
  expect(run.state).toBe('nothing_new')
  for (const { stream, state, requests, pages } of Object.values(run.streams)) {
    // The list of playlists shows whether their items changed.
    const isParts = stream === 'user_playlist_items_stream'
    expect([stream, state, requests, pages]).toEqual([stream, 'nothing_new', isParts ? 0 : requests, 0])
    expect(requests).toBeLessThanOrEqual(1)
  }
  await expectAllTables(harness, userId, name)
})

test('a run on the next day keeps a partition per day, with at most 25 requests', async ({ harness }) => {
  const { name, userId } = await fullySynced(harness, 'load-101')
  await harness.setTime(new Date(harness.now().getTime() + DAY))
  const run = await runNow(harness, userId)
  expect(run.state).toBe('succeeded')
  const total = Object.values(run.streams).reduce((sum, { requests }) => sum + requests, 0)
  expect(total).toBeLessThanOrEqual(25)
  // Also for lists that haven't changed since yesterday.
  for (const list of ['tracks_st', 'tracks_mt', 'tracks_lt', 'artists_st', 'artists_mt', 'artists_lt']) {
    const days = await harness.tableRows(userId, `user_top_${list}_history`, 'distinct cast(day as varchar) as day')
    expect([list, ...days.map(({ day }) => day).sort()]).toEqual([list, '2026-10-14', '2026-10-15'])
  }
  await expectAllTables(harness, userId, name)
})

test('a like is merged from the first page alone', async ({ harness, listener }) => {
  await harness.configure({ changes: [{ what: 'like', listener: listener.name }] })
  const run = await runNow(harness, listener.userId, [SAVED])
  expect(run.streams[SAVED]).toMatchObject({
    state: 'succeeded',
    requests: 1,
    rowsNew: 1,
    rowsChanged: 0,
    rowsRemoved: 0,
  })
  expect((await savedReads(listener)).map(({ scope }) => scope)).toEqual(['whole', 'head'])
  await expectSavedTracks(harness, listener.userId, listener.name)
})

test('after a merge the next run finds nothing new', async ({ harness, listener: { name, userId } }) => {
  await harness.configure({ changes: [{ what: 'like', listener: name }] })
  await runNow(harness, userId, [SAVED])
  expect((await runNow(harness, userId, [SAVED])).state).toBe('nothing_new')
})

test.for([
  ['an unlike of the newest song', { position: 0 }],
  ['an unlike far down', { position: 55 }],
] as const)('%s is found by a full read, and its row is removed', async ([, { position }], { harness, listener }) => {
  await harness.setTime(new Date(harness.now().getTime() + 60_000))
  await harness.configure({ changes: [{ what: 'unlike', listener: listener.name, position }] })
  const run = await runNow(harness, listener.userId, [SAVED])
  expect(run.streams[SAVED]).toMatchObject({ state: 'succeeded', rowsNew: 0, rowsRemoved: 1 })
  expect(await history(harness, listener)).toEqual(['removed'])
  await expectSavedTracks(harness, listener.userId, listener.name)
})

test('a like and an unlike between two runs are both found, although the total is the same', async ({
  harness,
  listener,
}) => {
  await harness.setTime(new Date(harness.now().getTime() + 60_000))
  await harness.configure({
    changes: [
      { what: 'unlike', listener: listener.name, position: 40 },
      { what: 'like', listener: listener.name },
    ],
  })
  await runNow(harness, listener.userId, [SAVED])
  expect((await history(harness, listener)).sort()).toEqual(['added', 'removed'])
  await expectSavedTracks(harness, listener.userId, listener.name)
})

test.for(['unlike', 'like'] as const)(
  'a list that changes by one %s while it is read is read again, and no row is lost',
  async (what, { harness, listener }) => {
    await harness.setTime(new Date(harness.now().getTime() + 8 * DAY))
    await harness.configure({
      changes: [{ what, listener: listener.name, afterPages: { path: '/me/tracks', pages: 1 } }],
    })
    const run = await runNow(harness, listener.userId, [SAVED])
    expect(run.streams[SAVED]?.state).toBe('succeeded')
    const reads = await savedReads(listener)
    expect(reads.map(({ state }) => state)).toEqual(['complete', 'abandoned', 'complete'])
    await expectSavedTracks(harness, listener.userId, listener.name)
  },
)

test('a list that changes during all three reads keeps its rows, and the run is incomplete', async ({
  harness,
  listener: { name, userId },
}) => {
  const before = (await harness.tableRows(userId, SAVED, 'id')).length
  await harness.setTime(new Date(harness.now().getTime() + 8 * DAY))
  // Each read fetches all pages, then the first one again, which is different every time.
  const pages = Math.ceil((await harness.expected(name, 'saved')).length / 50)
  const shifts = [0, 1, 2].map((reading) => ({ path: '/me/tracks', pages: 1 + reading * (pages + 1) }))
  await harness.configure({
    changes: shifts.map((afterPages) => ({ what: 'unlike' as const, listener: name, afterPages })),
  })
  const run = await runNow(harness, userId, [SAVED])
  expect(run.state).toBe('incomplete')
  expect(run.streams[SAVED]).toMatchObject({
    state: 'incomplete',
    problem: 'The list changed each of the three times it was read',
    remedy: expect.stringContaining('the next sync tries again'),
    rowsRemoved: 0,
  })
  expect(await harness.tableRows(userId, SAVED, 'id')).toHaveLength(before)

  expect((await runNow(harness, userId, [SAVED])).state).toBe('succeeded')
  await expectSavedTracks(harness, userId, name)
})

test('a list that only grew is read in full after a week', async ({ harness, listener }) => {
  const scopes = async () => (await savedReads(listener)).map(({ scope }) => scope)
  await harness.configure({ changes: [{ what: 'like', listener: listener.name }] })
  await runNow(harness, listener.userId, [SAVED])
  expect(await scopes()).toEqual(['whole', 'head'])
  // As if the first read was a week ago.
  const weekAgo = new Date(harness.now().getTime() - 7 * DAY)
  await db().streamRead.updateMany({
    where: { userId: listener.userId, stream: SAVED, scope: 'whole' },
    data: { syncedAt: weekAgo },
  })
  await harness.configure({ changes: [{ what: 'like', listener: listener.name }] })
  await runNow(harness, listener.userId, [SAVED])
  expect(await scopes()).toEqual(['whole', 'head', 'whole'])
  await expectSavedTracks(harness, listener.userId, listener.name)
})

test('past days are kept as partitions, and the table itself stays at today', async ({
  harness,
  listener: { name, userId },
}) => {
  const instants = [2, 1].map((days) => new Date(harness.now().getTime() - days * DAY))
  await harness.setTime(new Date(harness.now().getTime() + DAY))
  const order = await orderRun(userId, 'manual', { names: TOP, instants })
  const run = await runToEnd(harness, order?.id ?? '')
  expect(run.state).toBe('succeeded')
  for (const instant of [...instants, harness.now()]) {
    const day = instant.toISOString().slice(0, 10)
    const expected = await harness.expected(name, 'top-tracks', { range: 'short_term', at: instant.toISOString() })
    const held = await harness.tableRows(userId, 'user_top_tracks_st_history', 'rank, uri, cast(day as varchar) as day')
    const ofDay = held.filter((row) => row.day === day).sort((a, b) => Number(a.rank) - Number(b.rank))
    expect(ofDay.map(({ uri }) => uri)).toEqual(expected.map(({ uri }) => uri))
  }
  const today = await harness.tableRows(userId, TOP[0] ?? '', 'uri, synced_at')
  expect(new Set(today.map(({ synced_at }) => synced_at))).toEqual(new Set([harness.now().toISOString()]))
})
