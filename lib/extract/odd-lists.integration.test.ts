import { expect } from 'vitest'
import { DAY, HOUR } from '#lib/core/clock.ts'
import type { Row } from '#lib/core/table.ts'
import { db } from '#lib/db.ts'
import type { SimulatorSettings } from '#simulator/admin/settings.ts'
import {
  expectAllTables,
  expectPlaylists,
  expectSavedHistory,
  expectSavedTracks,
  tableLines,
} from '#testing/sync/expected.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { type EndedRun, runNow, runToEnd } from '#testing/sync/run-jobs.ts'

/** Well-formed lists that don't say what the listener has: items without content, odd sizes, pages without an end. */

const SAVED = 'user_saved_tracks_stream'
const ALBUMS = 'user_saved_albums_stream'
const ARTISTS = 'user_followed_artists_stream'
const PLAYLISTS = 'user_playlists_stream'
const ITEMS = 'user_playlist_items_stream'
const PLAYS = 'user_recently_played_stream'

type Fault = NonNullable<SimulatorSettings['faults']>[number]['fault']

/** Responds like this to all requests of the listener for a path, until other faults are set. */
async function respondWith(harness: Harness, { name }: TestListener, path: string, ...faults: Fault[]): Promise<void> {
  await harness.configure({
    clearFaults: true,
    faults: faults.map((fault) => ({ match: { path, listener: name }, times: 10_000, fault })),
  })
}

async function daysPass(harness: Harness, days: number): Promise<void> {
  await harness.setTime(new Date(harness.now().getTime() + days * DAY))
}

function openAlerts({ userId }: TestListener, stream: string) {
  return db().alert.findMany({ where: { userId, stream, endedAt: null } })
}

function marked(harness: Harness, { userId }: TestListener, table: string): Promise<string[]> {
  return tableLines(harness, userId, table, ['id', 'withheld_at is not null']).then((lines) =>
    lines.filter((line) => line.endsWith(' true')).map((line) => line.split(' ')[0] ?? ''),
  )
}

async function removals(harness: Harness, { userId }: TestListener): Promise<Row[]> {
  const rows = await harness.tableRows(userId, 'user_saved_tracks_history', 'id, change')
  return rows.filter(({ change }) => change === 'removed')
}

async function logOf(run: EndedRun, stream: string): Promise<string> {
  const lines = await db().streamRunLine.findMany({ where: { streamRunId: run.streams[stream]?.id ?? '' } })
  return lines.map(({ message }) => message).join('\n')
}

test('keeps and marks rows of liked songs without their track, and reads the list in full again', async ({
  harness,
  listener,
}) => {
  const { userId } = await runToEnd(harness, listener.runId, [SAVED])
  const liked = await harness.expected(listener.name, 'saved')
  const hidden = [7, 61].map((place) => String(liked[place]?.track_id))
  await respondWith(harness, listener, '/me/tracks', { kind: 'withheld', places: [7, 61] })
  const sync = async () => (await runNow(harness, userId, [SAVED])).streams[SAVED]

  // One of the nulls is on the first page, so the list is read in full.
  expect(await sync()).toMatchObject({ state: 'succeeded', withheld: 2, rowsRemoved: 0, rowsNew: 0 })
  expect(await marked(harness, listener, SAVED)).toEqual(hidden.toSorted())
  expect(await removals(harness, listener)).toEqual([])
  await expectSavedTracks(harness, userId, listener.name)
  await expectSavedHistory(harness, userId)

  // The next sync looks again; with the same nulls, the one after that is content with the first page.
  expect(await sync()).toMatchObject({ state: 'succeeded', withheld: 2, rowsChanged: 0, rowsRemoved: 0 })
  expect(await sync()).toMatchObject({ state: 'nothing_new', requests: 1 })

  await harness.configure({ clearFaults: true })
  expect(await sync()).toMatchObject({ state: 'succeeded', withheld: 0, rowsChanged: 2, rowsNew: 0, rowsRemoved: 0 })
  expect(await marked(harness, listener, SAVED)).toEqual([])
  expect(await removals(harness, listener)).toEqual([])
})

test('removes only rows that cannot correspond to a null without a time', async ({ harness, listener }) => {
  const { userId } = await runToEnd(harness, listener.runId, [SAVED])
  const liked = await harness.expected(listener.name, 'saved')
  const idAt = (place: number) => String(liked[place]?.track_id)
  await harness.setTime(new Date(harness.now().getTime() + HOUR))
  // 20 is next to a null, 90 is not.
  await harness.configure({
    changes: [90, 20].map((position) => ({ what: 'unlike' as const, listener: listener.name, position })),
  })
  await harness.configure({
    faults: [{ match: { path: '/me/tracks' }, times: 1000, fault: { kind: 'withheld', places: [19, 40], bare: true } }],
  })
  const run = await runNow(harness, userId, [SAVED])
  expect(run.streams[SAVED]).toMatchObject({ state: 'succeeded', withheld: 2, rowsRemoved: 1 })
  expect((await removals(harness, listener)).map(({ id }) => id)).toEqual([idAt(90)])
  expect(await marked(harness, listener, SAVED)).toEqual([idAt(19), idAt(20), idAt(41)].toSorted())

  // Once Spotify shows everything again, the unliked song goes too.
  await harness.configure({ clearFaults: true })
  expect((await runNow(harness, userId, [SAVED])).streams[SAVED]).toMatchObject({ rowsRemoved: 1 })
  await expectSavedTracks(harness, userId, listener.name)
  await expectSavedHistory(harness, userId)
})

test.for([
  [SAVED, '/me/tracks', false],
  [SAVED, '/me/tracks', true],
  [ARTISTS, '/me/following', true],
  ['user_top_tracks_st_stream', '/me/top/tracks', true],
  [PLAYS, 'recently-played', false],
] as const)(
  'ends %s as incomplete and removes nothing if %s contains only nulls (bare: %s)',
  async ([stream, path, bare], { harness, listener }) => {
    const { userId } = await runToEnd(harness, listener.runId, [stream])
    const before = await tableLines(harness, userId, stream, ['uri'])
    await daysPass(harness, 1)
    const places = Array.from({ length: 1000 }, (_, place) => place)
    await respondWith(harness, listener, path, { kind: 'withheld', places, bare })
    const run = await runNow(harness, userId, [stream])
    expect(run.streams[stream]).toMatchObject({
      state: 'incomplete',
      problem: 'Spotify sent the list without the details of its items',
      rowsRemoved: 0,
    })
    expect(await tableLines(harness, userId, stream, ['uri'])).toEqual(before)
    expect(await openAlerts(listener, stream)).toMatchObject([{ kind: 'part' }])
    await harness.configure({ clearFaults: true })
    expect((await runNow(harness, userId, [stream])).state).toBe('succeeded')
    expect(await openAlerts(listener, stream)).toEqual([])
  },
)

test('keeps saved albums and followed artists that come as null', async ({ harness, listener }) => {
  const { userId } = await runToEnd(harness, listener.runId, [ALBUMS, ARTISTS])
  const rows = async () => [
    await tableLines(harness, userId, ALBUMS, ['id']),
    await tableLines(harness, userId, ARTISTS, ['id']),
  ]
  const before = await rows()
  const hide = (path: string) => ({
    match: { path, listener: listener.name },
    times: 1000,
    fault: { kind: 'withheld' as const, places: [2] },
  })
  await harness.configure({ faults: [hide('/me/albums'), hide('/me/following')] })
  for (const state of ['succeeded', 'succeeded', 'nothing_new']) {
    const { streams } = await runNow(harness, userId, [ALBUMS, ARTISTS])
    for (const stream of [ALBUMS, ARTISTS]) {
      expect(streams[stream]).toMatchObject({ state, rowsRemoved: 0 })
      expect(await marked(harness, listener, stream)).toHaveLength(1)
    }
  }
  expect(await rows()).toEqual(before)
})

test('keeps a playlist that comes as null with its songs, and the positions of songs that do', async ({
  harness,
  listener,
}) => {
  const { userId } = await runToEnd(harness, listener.runId, [PLAYLISTS, ITEMS])
  const rows = async () => [
    await tableLines(harness, userId, PLAYLISTS, ['id']),
    await tableLines(harness, userId, ITEMS, ['playlist_id', 'position', 'uri']),
  ]
  const before = await rows()
  const own = (await harness.expected(listener.name, 'playlists')).filter(({ readable }) => readable)
  const first = String(own[0]?.id)
  await daysPass(harness, 1)
  await harness.configure({
    changes: [{ what: 'playlist', listener: listener.name, playlist: first, add: 1 }],
    faults: [
      { match: { path: '/me/playlists' }, times: 1000, fault: { kind: 'withheld', places: [1] } },
      { match: { path: `/playlists/${first}/items` }, times: 1000, fault: { kind: 'withheld', places: [0] } },
    ],
  })
  const run = await runNow(harness, userId, [PLAYLISTS, ITEMS])
  expect(run.streams[PLAYLISTS]).toMatchObject({ state: 'succeeded', rowsRemoved: 0 })
  expect(run.streams[ITEMS]).toMatchObject({ state: 'succeeded', rowsRemoved: 0, withheld: 1 })
  const after = await rows()
  expect(after[0]).toEqual(before[0])
  expect(after[1]).toEqual(expect.arrayContaining(before[1] ?? []))
  expect(await marked(harness, listener, PLAYLISTS)).toHaveLength(1)

  // The playlist with a null is read once more, then it counts as known.
  const requests = async () => (await runNow(harness, userId, [PLAYLISTS, ITEMS])).streams[ITEMS]?.requests
  expect(await requests()).toBeGreaterThan(0)
  expect(await requests()).toBe(0)
  await harness.configure({ clearFaults: true })
  await runNow(harness, userId, [PLAYLISTS, ITEMS])
  expect(await marked(harness, listener, PLAYLISTS)).toEqual([])
  expect((await rows())[0]).toEqual(before[0])
})

test.for([
  ['a 204', { kind: 'no-content' }, 0],
  ['an empty list', { kind: 'shortened', to: 0 }, 0],
  ['a far shorter list', { kind: 'shortened', to: 25 }, 25],
] as const)(
  'keeps every row after %s, until a sync six hours later agrees',
  async ([, fault, left], { harness, listener }) => {
    const { userId } = await runToEnd(harness, listener.runId, [SAVED])
    const before = await tableLines(harness, userId, SAVED, ['id'])
    await respondWith(harness, listener, '/me/tracks', fault)
    const sync = async () => (await runNow(harness, userId, [SAVED])).streams[SAVED]
    for (const hours of [0, 5]) {
      await harness.setTime(new Date(harness.now().getTime() + hours * HOUR))
      expect(await sync()).toMatchObject({
        state: 'incomplete',
        problem: `Spotify sent ${left} items, but the list had ${before.length} before`,
        remedy: expect.stringContaining('6 hours'),
        rowsRemoved: 0,
      })
      expect(await tableLines(harness, userId, SAVED, ['id'])).toEqual(before)
      expect(await removals(harness, listener)).toEqual([])
    }
    expect(await openAlerts(listener, SAVED)).toHaveLength(1)
    await harness.setTime(new Date(harness.now().getTime() + 2 * HOUR))
    expect(await sync()).toMatchObject({ state: 'succeeded', rowsRemoved: before.length - left })
    expect(await tableLines(harness, userId, SAVED, ['id'])).toHaveLength(left)
    await expectSavedHistory(harness, userId)
    expect(await openAlerts(listener, SAVED)).toEqual([])
  },
)

test.for([
  [0.3, 'nothing_new'],
  [1, 'succeeded'], // from the first page, with new likes
  [8, 'succeeded'],
] as const)(
  'forgets an empty list that a sync %d days later does not confirm',
  async ([days, state], { harness, listener }) => {
    const { userId } = await runToEnd(harness, listener.runId, [SAVED])
    const sync = async () => (await runNow(harness, userId, [SAVED])).streams[SAVED]?.state
    await respondWith(harness, listener, '/me/tracks', { kind: 'no-content' })
    expect(await sync()).toBe('incomplete')
    await harness.configure({ clearFaults: true })
    await daysPass(harness, days)
    expect(await sync()).toBe(state)
    await respondWith(harness, listener, '/me/tracks', { kind: 'no-content' })
    expect(await sync()).toBe('incomplete')
    await harness.configure({ clearFaults: true })
    await runNow(harness, userId, [SAVED])
    await expectSavedTracks(harness, userId, listener.name)
  },
)

test('removes nothing while syncs that miss most of a list contradict each other', async ({ harness, listener }) => {
  const { userId } = await runToEnd(harness, listener.runId, [SAVED])
  const before = await tableLines(harness, userId, SAVED, ['id'])
  for (const to of [0, 25, 0]) {
    await respondWith(harness, listener, '/me/tracks', { kind: 'shortened', to })
    await harness.setTime(new Date(harness.now().getTime() + 7 * HOUR))
    expect((await runNow(harness, userId, [SAVED])).streams[SAVED]).toMatchObject({
      state: 'incomplete',
      rowsRemoved: 0,
    })
    expect(await tableLines(harness, userId, SAVED, ['id'])).toEqual(before)
  }
})

test('ends a first read as incomplete if its pages are empty although the total is not', async ({
  harness,
  listener,
}) => {
  const fault = { kind: 'shortened', to: 0, keepsTotal: true } as const
  await respondWith(harness, listener, '/me/(tracks|top/tracks)', fault)
  const top = 'user_top_tracks_st_stream'
  const run = await runToEnd(harness, listener.runId, [SAVED, top])
  const problem = 'Spotify sent the list without the details of its items'
  for (const stream of [SAVED, top]) expect(run.streams[stream]).toMatchObject({ state: 'incomplete', problem })
  await harness.configure({ clearFaults: true })
  await daysPass(harness, 1)
  expect((await runNow(harness, run.userId, [SAVED, top])).state).toBe('succeeded')
  await expectSavedTracks(harness, run.userId, listener.name)
})

test('reads playlists again if their first read was missing songs', async ({ harness, listener }) => {
  const fault = { kind: 'shortened', to: 1, keepsTotal: true } as const
  await respondWith(harness, listener, '/playlists/.*/items', fault)
  const run = await runToEnd(harness, listener.runId, [PLAYLISTS, ITEMS])
  expect(run.streams[ITEMS]?.withheld).toBeGreaterThan(0)
  await harness.configure({ clearFaults: true })
  await daysPass(harness, 1)
  const again = await runNow(harness, run.userId, [PLAYLISTS, ITEMS])
  expect(again.streams[ITEMS]?.rowsNew).toBeGreaterThan(0)
  await expectPlaylists(harness, run.userId, listener.name)
})

test('keeps the songs of a seemingly empty playlist until a later sync agrees', async ({ harness, listener }) => {
  const { userId } = await runToEnd(harness, listener.runId, [PLAYLISTS, ITEMS])
  const before = await tableLines(harness, userId, ITEMS, ['playlist_id', 'position', 'uri'])
  const playlists = await harness.expected(listener.name, 'playlists')
  const playlist = String(playlists.find(({ readable, total }) => readable && Number(total) > 0)?.id)
  await daysPass(harness, 1)
  await harness.configure({
    changes: [{ what: 'playlist', listener: listener.name, playlist, add: 1 }],
    faults: [{ match: { path: `/playlists/${playlist}/items` }, times: 1000, fault: { kind: 'no-content' } }],
  })
  const sync = async () => (await runNow(harness, userId, [PLAYLISTS, ITEMS])).streams[ITEMS]
  expect(await sync()).toMatchObject({
    state: 'incomplete',
    problem: '1 playlist came back without most or all items',
    rowsRemoved: 0,
  })
  expect(await tableLines(harness, userId, ITEMS, ['playlist_id', 'position', 'uri'])).toEqual(before)
  await harness.setTime(new Date(harness.now().getTime() + 7 * HOUR))
  const gone = before.filter((line) => line.startsWith(playlist)).length
  expect(await sync()).toMatchObject({ state: 'succeeded', rowsRemoved: gone })
})

test('treats 204 on recently played as nothing new', async ({ harness, listener }) => {
  await respondWith(harness, listener, 'recently-played', { kind: 'no-content' })
  const run = await runToEnd(harness, listener.runId, [PLAYS])
  expect(run.streams[PLAYS]).toMatchObject({ state: 'nothing_new', problem: null })
})

test('treats every stream as empty when Spotify returns 204 for a new listener', async ({ harness, listener }) => {
  await respondWith(harness, listener, '/me/', { kind: 'no-content' })
  const run = await runToEnd(harness, listener.runId)
  for (const { stream, state, problem } of Object.values(run.streams)) {
    // Nobody may read the charts.
    const expected = stream.startsWith('global_') ? ['skipped'] : ['succeeded', 'nothing_new']
    expect([stream, problem, expected]).toEqual([
      stream,
      state === 'skipped' ? problem : null,
      expect.arrayContaining([state]),
    ])
  }
  await harness.configure({ clearFaults: true })
  await daysPass(harness, 1)
  await runNow(harness, run.userId)
  await expectAllTables(harness, run.userId, listener.name)
})

test.for([
  ['a gateway’s 502', { kind: 'html' }, '502'],
  ['400 "Invalid limit"', { kind: 'status', status: 400, message: 'Invalid limit' }, 'Invalid limit'],
  ['truncated responses', { kind: 'malformed-json' }, 'not JSON'],
] as const)(
  'reads 20 items at a time for a week after pages of 50 end in %s',
  async ([, fault, words], { harness, listener }) => {
    await harness.configure({
      faults: ['tracks', 'following', 'playlists', 'player'].map((path) => ({
        match: { path: `${path}.*limit=50`, listener: listener.name },
        times: 10_000,
        fault,
      })),
    })
    const run = await runToEnd(harness, listener.runId)
    const failed = Object.values(run.streams).filter(({ state }) => state !== 'succeeded')
    expect(failed.map(({ stream }) => stream).filter((stream) => !stream.startsWith('global_'))).toEqual([])
    expect(await logOf(run, SAVED)).toContain(words)
    expect(await logOf(run, SAVED)).toContain('20 items at a time')
    await expectAllTables(harness, run.userId, listener.name)

    const sizeOfLast = async () => {
      const where = { userId: run.userId, stream: SAVED }
      return (await db().streamRead.findFirst({ where, orderBy: { id: 'desc' } }))?.pageSize
    }
    expect(await sizeOfLast()).toBe(20)
    const again = await runNow(harness, run.userId, [SAVED, ARTISTS, PLAYS])
    expect(again.state).toBe('nothing_new')
    expect(again.streams[SAVED]?.requests).toBe(1)

    // A like is merged from the first page of 20.
    await harness.configure({ changes: [{ what: 'like', listener: listener.name }] })
    expect((await runNow(harness, run.userId, [SAVED])).streams[SAVED]).toMatchObject({ requests: 1, rowsNew: 1 })

    // After a week pages of 50 are tried again. First pages of different sizes prove nothing, so the list is read in full.
    await harness.configure({ clearFaults: true })
    await daysPass(harness, 8)
    expect((await runNow(harness, run.userId, [SAVED])).streams[SAVED]?.state).toBe('succeeded')
    expect(await sizeOfLast()).toBe(50)
    await expectSavedTracks(harness, run.userId, listener.name)
  },
)

test('shows Spotify’s message when it refuses pages of any size', async ({ harness, listener }) => {
  await respondWith(harness, listener, '/me/tracks', { kind: 'status', status: 400, message: 'Not  today.\u0007' })
  const run = await runToEnd(harness, listener.runId, [SAVED])
  expect(run.streams[SAVED]).toMatchObject({ state: 'failed', problem: 'Spotify refused the request (400: Not today)' })
})

test('starts over with Spotify’s page size when it sends fewer items than requested', async ({ harness, listener }) => {
  await respondWith(harness, listener, '/v1/', { kind: 'clamped', limit: 15 })
  const run = await runToEnd(harness, listener.runId)
  expect(await logOf(run, SAVED)).toContain('Spotify only sends 15 items at a time')
  await expectAllTables(harness, run.userId, listener.name)
})

test.for([
  [SAVED, '/me/tracks'],
  [ARTISTS, '/me/following'],
  ['user_top_tracks_st_stream', '/me/top/tracks'],
] as const)(
  'ends %s as incomplete if every page of %s is the first one',
  async ([stream, path], { harness, listener }) => {
    const { userId } = await runToEnd(harness, listener.runId, [stream])
    const before = await tableLines(harness, userId, stream, ['uri'])
    await daysPass(harness, 8)
    await respondWith(harness, listener, path, { kind: 'same-page' })
    const run = await runNow(harness, userId, [stream])
    expect(run.streams[stream]).toMatchObject({
      state: 'incomplete',
      problem: 'Spotify sent the same page of the list again and again',
      rowsRemoved: 0,
    })
    expect(run.streams[stream]?.requests).toBeLessThan(30)
    expect(await tableLines(harness, userId, stream, ['uri'])).toEqual(before)
  },
)

test('ends as incomplete when the cursors of a list repeat', async ({ harness }) => {
  // Follows artists for several pages.
  const { userId, runId } = await harness.signIn('juniper-lake')
  await runToEnd(harness, runId, [ARTISTS])
  const before = await tableLines(harness, userId, ARTISTS, ['id'])
  expect(before.length).toBeGreaterThan(100)
  await daysPass(harness, 8)
  await harness.configure({
    faults: [{ match: { path: '/me/following' }, times: 1000, after: 2, fault: { kind: 'same-page' } }],
  })
  const run = await runNow(harness, userId, [ARTISTS])
  expect(run.streams[ARTISTS]).toMatchObject({
    state: 'incomplete',
    problem: 'Spotify sent the same page of the list again and again',
    requests: 3,
  })
  expect(await tableLines(harness, userId, ARTISTS, ['id'])).toEqual(before)
})

test.for([
  ['too small', 60],
  ['missing', null],
] as const)('reads the whole list when its total is %s', async ([, total], { harness, listener }) => {
  await respondWith(harness, listener, '/me/tracks', { kind: 'wrong-total', total })
  const run = await runToEnd(harness, listener.runId, [SAVED])
  expect(run.streams[SAVED]).toMatchObject({ state: 'succeeded', rowsRemoved: 0 })
  await expectSavedTracks(harness, run.userId, listener.name)
})

test('removes nothing if the total exceeds the pages by more than before', async ({ harness, listener }) => {
  const { userId } = await runToEnd(harness, listener.runId, [SAVED])
  const before = await tableLines(harness, userId, SAVED, ['id'])
  await harness.setTime(new Date(harness.now().getTime() + HOUR))
  await harness.configure({ changes: [{ what: 'unlike', listener: listener.name, position: 70 }] })
  // As if one song were left out of the pages.
  await respondWith(harness, listener, '/me/tracks', { kind: 'wrong-total', total: before.length })
  const sync = async () => (await runNow(harness, userId, [SAVED])).streams[SAVED]
  await harness.configure({ changes: [{ what: 'unlike', listener: listener.name, position: 0 }] })
  expect(await sync()).toMatchObject({ state: 'succeeded', withheld: 2, rowsRemoved: 0 })
  expect(await marked(harness, listener, SAVED)).toHaveLength(2)
  await harness.configure({ clearFaults: true })
  expect(await sync()).toMatchObject({ state: 'succeeded', rowsRemoved: 2 })
  await expectSavedTracks(harness, userId, listener.name)
})

test('removes nothing when pages omit different items than before but the total is unchanged', async ({
  harness,
  listener,
}) => {
  const { userId } = await runToEnd(harness, listener.runId, [SAVED])
  const before = await tableLines(harness, userId, SAVED, ['id'])
  const sync = async () => (await runNow(harness, userId, [SAVED])).streams[SAVED]
  for (const place of [40, 20, 3]) {
    await harness.setTime(new Date(harness.now().getTime() + HOUR))
    await harness.configure({ changes: [{ what: 'like', listener: listener.name }] })
    await respondWith(harness, listener, '/me/tracks', { kind: 'left-out', places: [place, place + 1] })
    expect(await sync()).toMatchObject({ state: 'succeeded', withheld: 2, rowsRemoved: 0 })
    expect(await tableLines(harness, userId, SAVED, ['id'])).toEqual(expect.arrayContaining(before))
  }
  expect(await removals(harness, listener)).toEqual([])
})

test('gives up on a list that claims to have millions of items', async ({ harness, listener }) => {
  await respondWith(harness, listener, '/me/tracks', { kind: 'wrong-total', total: 50_000_000 })
  const run = await runToEnd(harness, listener.runId, [SAVED])
  expect(run.streams[SAVED]).toMatchObject({
    state: 'incomplete',
    problem: 'Spotify’s list doesn’t end after 200,000 items',
    requests: 1,
  })
})
