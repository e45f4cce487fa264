import { expect } from 'vitest'
import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { probeApps } from '#lib/ops/probe-app.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { plan, recoverStreamRuns } from '#lib/schedule/plan.ts'
import { getFromSpotify } from '#lib/spotify/client.ts'
import { runNow as orderByHand, orderRun } from '#lib/sync/order-run.ts'
import { expectPlays, expectSavedTracks, tableLines } from '#testing/sync/expected.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import { ALL_SCOPES, type Harness } from '#testing/sync/harness.ts'
import { runJobs, runNow, runOf, runToEnd } from '#testing/sync/run-jobs.ts'
import { extractSlice } from './extract.ts'

const SAVED = 'user_saved_tracks_stream'
const ALBUMS = 'user_saved_albums_stream'
const PLAYS = 'user_recently_played_stream'
const TOP = 'user_top_tracks_st_stream'
const STREAMS = [TOP, PLAYS, SAVED]

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
  // Limits that one test learned about the app must not affect the next.
  await db().requestLimit.deleteMany()
  await db().requestSlot.deleteMany()
  await db().quotaGroup.deleteMany()
  await db().quotaHour.deleteMany()
})

function firstRun(harness: Harness, { runId }: Pick<TestListener, 'runId'>, names = STREAMS) {
  return runToEnd(harness, runId, names)
}

function linesOf(streamRunId: string | undefined) {
  return db().streamRunLine.findMany({ where: { streamRunId: streamRunId ?? '' }, orderBy: { id: 'asc' } })
}

test('refreshes a token that Spotify refuses and continues the run', async ({ harness, listener }) => {
  await harness.configure({ faults: [{ match: { path: '/me/tracks' }, fault: { kind: 'expired-token' } }] })
  const run = await firstRun(harness, listener)
  expect(run.state).toBe('succeeded')
  expect((await harness.stats()).requests['/api/token']).toBe(1)
  await expectSavedTracks(harness, run.userId, listener.name)
})

test('waits and keeps the data when the consent was revoked, and plans nothing until the listener reconnects', async ({
  harness,
  listener,
}) => {
  const { userId } = await firstRun(harness, listener)
  const before = await tableLines(harness, userId, SAVED, ['id'])
  await harness.configure({ listeners: { [listener.name]: { consent: 'revoked' } } })
  const run = await runNow(harness, userId, STREAMS)
  expect(run.state).toBe('waiting')
  const { retryAt } = await db().account.findFirstOrThrow({ where: { userId } })
  for (const streamRun of Object.values(run.streams)) {
    expect(streamRun).toMatchObject({
      state: 'waiting',
      waitReason: 'consent',
      waitingUntil: retryAt,
      remedy: expect.stringContaining('Reconnect'),
    })
    expect(streamRun.requests).toBeLessThanOrEqual(2)
  }
  expect(await tableLines(harness, userId, SAVED, ['id'])).toEqual(before)
  const viewer = { id: userId, isAdmin: false }
  await expect(orderByHand(viewer)).rejects.toMatchObject({
    code: 'no-consent',
    message: expect.stringContaining('refused'),
  })

  await db().schedule.updateMany({ where: { userId }, data: { nextAt: new Date(0) } })
  const { requests } = await plan(new Date())
  expect(requests.filter(({ listenerId }) => listenerId === userId)).toEqual([])

  const again = await harness.signIn(listener.name)
  expect(again).toEqual({ userId, runId: '' })
  await runJobs(await recoverStreamRuns(new Date(), { userId }))
  expect((await runOf(run.id)).state).toBe('nothing_new')
})

test('waits when Spotify refuses tokens right after their refresh', async ({ harness, listener }) => {
  await harness.configure({ faults: [{ match: { path: '/me' }, times: 1000, fault: { kind: 'expired-token' } }] })
  const run = await firstRun(harness, listener, [SAVED])
  expect(run.streams[SAVED]).toMatchObject({ state: 'waiting', waitReason: 'consent' })
  expect(await db().account.findFirstOrThrow({ where: { userId: run.userId } })).toMatchObject({
    consent: 'given',
    refusals: 1,
  })
})

test('fails one stream, but not the consent, if only its request is refused', async ({ harness, listener }) => {
  await harness.configure({
    faults: [{ match: { path: '/me/tracks' }, times: 1000, fault: { kind: 'expired-token' } }],
  })
  const run = await firstRun(harness, listener, [SAVED, TOP])
  expect(run.streams[SAVED]).toMatchObject({ state: 'failed', problem: 'Spotify refused the request (401)' })
  expect(run.streams[TOP]?.state).toBe('succeeded')
  expect(await db().account.findFirstOrThrow({ where: { userId: run.userId } })).toMatchObject({ refusals: 0 })
})

test('uses a consent that was renewed while Spotify refused the old one', async ({ harness, listener }) => {
  const { userId } = await firstRun(harness, listener, [PLAYS])
  await harness.configure({ listeners: { [listener.name]: { consent: 'revoked' } }, latencyMs: 300 })
  const run = await orderRun(userId, 'manual', { names: [SAVED] })
  const jobs = runJobs(await takeStartable(run?.id ?? ''))
  const account = () => db().account.findFirstOrThrow({ where: { userId } })
  while (!(await account()).refreshingUntil) await new Promise(setImmediate)
  await harness.signIn(listener.name)
  await jobs
  expect((await runOf(run?.id ?? '')).streams[SAVED]?.state).toBe('succeeded')
  expect(await account()).toMatchObject({ consent: 'given', consentProblem: null, refusals: 0 })
})

test('skips a stream whose scope is missing, with a remedy, and ends the run as incomplete', async ({ harness }) => {
  const scopes = ALL_SCOPES.filter((scope) => scope !== 'user-library-read')
  const run = await firstRun(harness, await harness.signIn('load-100', { scopes }))
  expect(run).toMatchObject({ state: 'incomplete', problem: expect.stringContaining('Liked songs') })
  expect(run.streams[SAVED]).toMatchObject({
    state: 'skipped',
    problem: 'You did not allow Tracklake to read this',
    remedy: expect.stringContaining('Reconnect'),
  })
  expect(run.streams[TOP]?.state).toBe('succeeded')
  expect((await db().account.findFirstOrThrow({ where: { userId: run.userId } })).consent).toBe('given')
})

test('says what the owner of the app can do about an account that is not on the allow-list', async ({
  harness,
  listener,
}) => {
  await harness.configure({ listeners: { [listener.name]: { allowed: false } } })
  const run = await firstRun(harness, listener)
  expect(run.state).toBe('failed')
  expect(run.streams[SAVED]).toMatchObject({
    problem: expect.stringContaining('allow-list'),
    remedy: expect.stringContaining('User Management'),
  })
})

test("waits while the app owner's Premium has lapsed, then continues", async ({ harness, listener }) => {
  await harness.configure({ conditions: { premiumLapsed: true } })
  const run = await firstRun(harness, listener)
  expect(run.state).toBe('waiting')
  for (const { state, problem, waitingUntil } of Object.values(run.streams)) {
    expect(state).toBe('waiting')
    expect(problem).toContain('Premium')
    expect(waitingUntil?.getTime()).toBeGreaterThan(Date.now())
  }
  expect((await plan(new Date())).requests).toEqual([])
  await harness.configure({ conditions: { premiumLapsed: false } })
  await probeApps(new Date(Date.now() + HOUR))
  await runJobs((await plan(new Date(Date.now() + 2 * HOUR))).requests)
  const ended = await runOf(run.id)
  expect(ended.state).toBe('succeeded')
  expect(ended.streams[SAVED]).toMatchObject({ attempt: 2, problem: null, remedy: null, waitingUntil: null })
  await expectSavedTracks(harness, run.userId, listener.name)
})

test.for(['json', 'plain'] as const)(
  'makes the short pause that Spotify requests (%s) and continues',
  async (body, { harness, listener }) => {
    await harness.configure({
      faults: [{ match: { path: '/me/tracks.*offset=50' }, fault: { kind: 'rate-limit', retryAfter: 1, body } }],
    })
    const run = await firstRun(harness, listener, [SAVED])
    expect(run.state).toBe('succeeded')
    expect((await harness.stats()).tooMany).toBe(1)
    await expectSavedTracks(harness, run.userId, listener.name)
  },
)

test('waits longer each time when Spotify keeps requesting short pauses, and continues afterwards', async ({
  harness,
  listener,
}) => {
  await harness.configure({
    faults: [{ match: { path: '/me/tracks.*offset=50' }, times: 1000, fault: { kind: 'rate-limit', retryAfter: 1 } }],
  })
  const run = await firstRun(harness, listener, [SAVED])
  const waitsFor = async () => {
    const { state, streams } = await runOf(run.id)
    expect(state).toBe('waiting')
    expect(streams[SAVED]).toMatchObject({ state: 'waiting', problem: 'Spotify asked for a pause' })
    return (streams[SAVED]?.waitingUntil?.getTime() ?? 0) - Date.now()
  }
  const first = await waitsFor()
  expect(first).toBeGreaterThan(4 * MINUTE)
  await db().requestLimit.deleteMany()
  await runJobs(await recoverStreamRuns(new Date(Date.now() + HOUR)))
  expect(await waitsFor()).toBeGreaterThan(first + 4 * MINUTE)

  await harness.configure({ clearFaults: true })
  await db().requestLimit.deleteMany()
  await runJobs(await recoverStreamRuns(new Date(Date.now() + HOUR)))
  expect((await runOf(run.id)).state).toBe('succeeded')
  await expectSavedTracks(harness, run.userId, listener.name)
})

test('backs off even when the log of the stream run is full, and starts over once a page has landed', async ({
  harness,
  listener,
}) => {
  const requestPauses = (times = 1000) =>
    harness.configure({
      faults: [{ match: { path: '/me/tracks' }, times, fault: { kind: 'rate-limit', retryAfter: 1 } }],
    })
  const { runId } = listener
  await db().streamRun.deleteMany({ where: { runId, stream: { not: SAVED } } })
  const [request] = await takeStartable(runId)
  if (!request) throw new Error('nothing to start')
  const streamRun = { id: request.streamRunId }
  const line = { streamRunId: streamRun.id, level: 'info', message: 'Something else.' }
  await db().streamRunLine.createMany({ data: Array(200).fill(line) })
  /** One slice after the app's own pause. */
  const slice = async () => {
    await db().requestLimit.deleteMany()
    return extractSlice(request)
  }

  await requestPauses()
  for (let pause = 0; pause < 4; pause++) expect(await slice()).toMatchObject({ resumeAt: expect.any(String) })
  expect(await slice()).not.toHaveProperty('resumeAt')
  const waiting = await db().streamRun.findUniqueOrThrow({ where: streamRun })
  expect(waiting).toMatchObject({ state: 'waiting', waitReason: 'pause', pausesInRow: 5 })
  expect(waiting.waitingUntil?.getTime()).toBeGreaterThan(Date.now() + 4 * MINUTE)

  await harness.configure({ clearFaults: true })
  await requestPauses(1)
  expect(await slice()).not.toHaveProperty('resumeAt')
  expect(await db().streamRun.findUniqueOrThrow({ where: streamRun })).toMatchObject({ pausesInRow: 6 })
  await harness.configure({ clearFaults: true })
  await slice()
  expect(await db().streamRun.findUniqueOrThrow({ where: streamRun })).toMatchObject({
    waitReason: null,
    pausesInRow: 0,
  })
})

test('waits until the time that Spotify names when a quota is used up, while other streams continue', async ({
  harness,
  listener,
}) => {
  await harness.configure({ faults: [{ match: { path: '/me/tracks' }, fault: { kind: 'quota', retryAfter: 7200 } }] })
  const run = await firstRun(harness, listener, [...STREAMS, ALBUMS])
  expect(run.streams[TOP]?.state).toBe('succeeded')
  expect(run.streams[PLAYS]?.state).toBe('succeeded')
  for (const name of [SAVED, ALBUMS]) {
    const { state, waitingUntil } = run.streams[name] ?? {}
    expect(state).toBe('waiting')
    expect(Math.abs((waitingUntil?.getTime() ?? 0) - (Date.now() + 2 * HOUR))).toBeLessThan(60_000)
  }
  expect(run.streams[SAVED]?.problem).toContain('no more requests of this kind today')
  expect((await harness.stats()).tooMany).toBe(1)

  await db().quotaGroup.updateMany({ data: { blockedUntil: new Date(0) } })
  await runJobs((await plan(new Date(Date.now() + 3 * HOUR))).requests)
  expect((await runOf(run.id)).state).toBe('succeeded')
  await expectSavedTracks(harness, run.userId, listener.name)
})

test('retries after a brief outage of Spotify', async ({ harness, listener }) => {
  await harness.configure({
    faults: [{ match: { path: '/me/tracks' }, times: 2, fault: { kind: 'status', status: 503 } }],
  })
  const run = await firstRun(harness, listener, [SAVED])
  expect(run.streams[SAVED]).toMatchObject({ state: 'succeeded', problem: null })
  await expectSavedTracks(harness, run.userId, listener.name)
})

test.for([
  ['server errors', { kind: 'status', status: 500 }, 'not available'],
  ['gateway HTML', { kind: 'html' }, 'not available'],
  ['responses that are not JSON', { kind: 'not-json' }, 'could not be understood'],
  ['truncated JSON', { kind: 'malformed-json' }, 'could not be understood'],
  ['broken connections', { kind: 'cut' }, 'could not be reached'],
] as const)(
  'fails the stream with a reason after endless %s, finishes the others, and recovers with a re-run',
  async ([, fault, reason], { harness, listener }) => {
    await harness.configure({ faults: [{ match: { path: '/me/tracks.*offset=[1-9]' }, times: 1000, fault }] })
    const run = await firstRun(harness, listener)
    expect(run).toMatchObject({ state: 'incomplete', problem: expect.stringContaining(reason) })
    expect(run.streams[SAVED]).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining(reason),
      remedy: expect.stringContaining('Re-run'),
    })
    expect((await linesOf(run.streams[SAVED]?.id)).map(({ message }) => message).join('\n')).toContain(reason)
    expect(run.streams[TOP]?.state).toBe('succeeded')
    await expectPlays(harness, run.userId, listener.name)

    await harness.configure({ clearFaults: true })
    const again = await runNow(harness, run.userId, [SAVED])
    expect(again.streams[SAVED]).toMatchObject({ state: 'succeeded', problem: null })
    // Only missing pages are requested, and the first one again at the end.
    expect(again.streams[SAVED]?.requests).toBeLessThan((await pagesOfSaved(harness, listener)) + 1)
    await expectSavedTracks(harness, run.userId, listener.name)
  },
)

async function pagesOfSaved(harness: Harness, { name }: TestListener): Promise<number> {
  return Math.ceil((await harness.expected(name, 'saved')).length / 50)
}

test('understands the field names used before February 2026', async ({ harness, listener }) => {
  await harness.configure({ conditions: { oldShapes: true } })
  const run = await firstRun(harness, listener, ['user_playlists_stream', 'user_playlist_items_stream'])
  expect(run.state).toBe('succeeded')
  expect(await tableLines(harness, run.userId, 'user_playlist_items_stream', ['uri'])).not.toContain('null')
})

test('gives up a request after its deadline, as a temporary failure', async ({ harness }) => {
  await harness.configure({ faults: [{ fault: { kind: 'time-out' } }] })
  const request = { path: '/me', query: {}, token: 'x', deadlineMs: 100 }
  await expect(getFromSpotify(process.env.SPOTIFY_API_URL ?? '', request)).rejects.toMatchObject({
    recovery: 'retry',
    message: 'Spotify did not respond in time',
  })
})
