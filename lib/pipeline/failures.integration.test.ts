import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../clock.ts'
import { db } from '../db.ts'
import { probeApps } from '../listener/probe-app.ts'
import { createSpotify } from '../sources/spotify/client.ts'
import { extractSlice } from './extract-slice.ts'
import { orderRun, plan, takenUp } from './plan.ts'
import { takeStartable } from './runs.ts'
import { ALL_SCOPES, type Bed, makeBed } from './testing/bed.ts'
import { drive, runNow, runOf, runToEnd } from './testing/drive.ts'
import { expectPlays, expectSavedTracks, tableLines } from './testing/truth.ts'

const SAVED = 'user_saved_tracks_stream'
const ALBUMS = 'user_saved_albums_stream'
const PLAYS = 'user_recently_played_stream'
const TOP = 'user_top_tracks_st_stream'
const ASKED = [TOP, PLAYS, SAVED]

let bed: Bed
let nobody = 0
let listener: string

beforeAll(async () => {
  bed = await makeBed()
})
beforeEach(async () => {
  await bed.order({ reset: true })
  await bed.moveTo(new Date('2026-10-14T12:00:00.000Z'))
  listener = `load-${++nobody}`
  // What one test taught about the app is not true of the next one.
  await db().requestLimit.deleteMany()
  await db().requestSlot.deleteMany()
  await db().quotaGroup.deleteMany()
  await db().quotaHour.deleteMany()
})
afterAll(() => bed.stop())

async function firstRun(names = ASKED, scopes = ALL_SCOPES) {
  const { runId } = await bed.signIn(listener, { scopes })
  return runToEnd(bed, runId, names)
}

function linesOf(streamRunId: string | undefined) {
  return db().streamRunLine.findMany({ where: { streamRunId: streamRunId ?? '' }, orderBy: { id: 'asc' } })
}

test('a token that Spotify refuses is refreshed, and the run goes on', async () => {
  await bed.order({ faults: [{ match: { path: '/me/tracks' }, fault: { kind: 'expired-token' } }] })
  const run = await firstRun()
  expect(run.state).toBe('succeeded')
  expect((await bed.stats()).requests['/api/token']).toBe(1)
  await expectSavedTracks(bed, run.userId, listener)
})

test('a consent that is over: the streams fail with a remedy, the data stays, nothing is planned until the listener agrees anew', async () => {
  const { userId } = await firstRun()
  const before = await tableLines(bed, userId, SAVED, ['id'])
  await bed.order({ listeners: { [listener]: { consent: 'revoked' } } })
  const run = await runNow(bed, userId, ASKED)
  expect(run.state).toBe('failed')
  for (const { state, remedy, requests } of Object.values(run.streams)) {
    expect(state).toBe('failed')
    expect(remedy).toContain('Reconnect')
    expect(requests).toBeLessThanOrEqual(2)
  }
  expect(await tableLines(bed, userId, SAVED, ['id'])).toEqual(before)
  expect((await db().account.findFirstOrThrow({ where: { userId } })).consent).toBe('reconnect')

  await db().schedule.updateMany({ where: { userId }, data: { nextAt: new Date(0) } })
  expect((await plan(new Date())).requests).toEqual([])

  const again = await bed.signIn(listener)
  expect(again.userId).toBe(userId)
  expect((await runToEnd(bed, again.runId, [SAVED])).state).toBe('nothing_new')
})

test('a token that is refused again right after it was refreshed needs the listener', async () => {
  await bed.order({ faults: [{ match: { path: '/me/tracks' }, times: 1000, fault: { kind: 'expired-token' } }] })
  const run = await firstRun([SAVED])
  expect(run.streams[SAVED]).toMatchObject({ state: 'failed', remedy: expect.stringContaining('Reconnect') })
  expect((await db().account.findFirstOrThrow({ where: { userId: run.userId } })).consent).toBe('reconnect')
})

test('a consent that is renewed while the old one is found to be over stays given', async () => {
  const { userId } = await firstRun([PLAYS])
  await bed.order({ listeners: { [listener]: { consent: 'revoked' } }, latencyMs: 300 })
  const run = await orderRun(userId, 'manual', { names: [SAVED] })
  const [request] = await takeStartable(run?.id ?? '')
  if (!request) throw new Error('nothing to start')
  const slice = extractSlice(request)
  const account = () => db().account.findFirstOrThrow({ where: { userId } })
  while (!(await account()).refreshingUntil) await new Promise(setImmediate)
  await bed.signIn(listener)
  await slice
  expect((await runOf(run?.id ?? '')).streams[SAVED]?.state).toBe('failed')
  expect(await account()).toMatchObject({ consent: 'given', consentProblem: null })
})

test('a scope that was not given: its stream is skipped with a remedy, and the run is incomplete', async () => {
  const run = await firstRun(
    ASKED,
    ALL_SCOPES.filter((scope) => scope !== 'user-library-read'),
  )
  expect(run).toMatchObject({ state: 'incomplete', problem: expect.stringContaining('Liked songs') })
  expect(run.streams[SAVED]).toMatchObject({
    state: 'skipped',
    problem: 'You did not allow Tracklake to read this',
    remedy: expect.stringContaining('Reconnect'),
  })
  expect(run.streams[TOP]?.state).toBe('succeeded')
  expect((await db().account.findFirstOrThrow({ where: { userId: run.userId } })).consent).toBe('given')
})

test('an account that is not on the allow-list fails with what the owner of the app can do', async () => {
  await bed.order({ listeners: { [listener]: { allowed: false } } })
  const run = await firstRun()
  expect(run.state).toBe('failed')
  expect(run.streams[SAVED]).toMatchObject({
    problem: expect.stringContaining('allow-list'),
    remedy: expect.stringContaining('User Management'),
  })
})

test("while the owner's Premium has lapsed the run waits, and goes on afterwards", async () => {
  await bed.order({ conditions: { premiumLapsed: true } })
  const run = await firstRun()
  expect(run.state).toBe('waiting')
  for (const { state, problem, waitingUntil } of Object.values(run.streams)) {
    expect(state).toBe('waiting')
    expect(problem).toContain('Premium')
    expect(waitingUntil?.getTime()).toBeGreaterThan(Date.now())
  }
  expect((await plan(new Date())).requests).toEqual([])
  await bed.order({ conditions: { premiumLapsed: false } })
  await probeApps(new Date(Date.now() + HOUR))
  await drive((await plan(new Date(Date.now() + 2 * HOUR))).requests)
  const ended = await runOf(run.id)
  expect(ended.state).toBe('succeeded')
  expect(ended.streams[SAVED]).toMatchObject({ attempt: 2, problem: null, remedy: null, waitingUntil: null })
  await expectSavedTracks(bed, run.userId, listener)
})

test.for(['json', 'plain'] as const)(
  'a short pause that Spotify asks for (%s) is made, and the run goes on',
  async (body) => {
    await bed.order({
      faults: [{ match: { path: '/me/tracks.*offset=50' }, fault: { kind: 'rate-limit', retryAfter: 1, body } }],
    })
    const run = await firstRun([SAVED])
    expect(run.state).toBe('succeeded')
    expect((await bed.stats()).tooMany).toBe(1)
    await expectSavedTracks(bed, run.userId, listener)
  },
)

test('short pauses without end become long ones, which the page shows, and the run goes on afterwards', async () => {
  await bed.order({
    faults: [{ match: { path: '/me/tracks.*offset=50' }, times: 1000, fault: { kind: 'rate-limit', retryAfter: 1 } }],
  })
  const run = await firstRun([SAVED])
  const waitsFor = async () => {
    const { state, streams } = await runOf(run.id)
    expect(state).toBe('waiting')
    expect(streams[SAVED]).toMatchObject({ state: 'waiting', problem: 'Spotify asks for a pause' })
    return (streams[SAVED]?.waitingUntil?.getTime() ?? 0) - Date.now()
  }
  const first = await waitsFor()
  expect(first).toBeGreaterThan(4 * MINUTE)
  await db().requestLimit.deleteMany()
  await drive(await takenUp(new Date(Date.now() + HOUR)))
  expect(await waitsFor()).toBeGreaterThan(first + 4 * MINUTE)

  await bed.order({ clearFaults: true })
  await db().requestLimit.deleteMany()
  await drive(await takenUp(new Date(Date.now() + HOUR)))
  expect((await runOf(run.id)).state).toBe('succeeded')
  await expectSavedTracks(bed, run.userId, listener)
})

test('pauses grow also when the log of the stream run is full, and start over once a page has landed', async () => {
  const asksForPauses = (times = 1000) =>
    bed.order({ faults: [{ match: { path: '/me/tracks' }, times, fault: { kind: 'rate-limit', retryAfter: 1 } }] })
  const { runId } = await bed.signIn(listener)
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

  await asksForPauses()
  for (let pause = 0; pause < 4; pause++) expect(await slice()).toMatchObject({ resumeAt: expect.any(String) })
  expect(await slice()).not.toHaveProperty('resumeAt')
  const waiting = await db().streamRun.findUniqueOrThrow({ where: streamRun })
  expect(waiting).toMatchObject({ state: 'waiting', waitReason: 'pause', pausesInRow: 5 })
  expect(waiting.waitingUntil?.getTime()).toBeGreaterThan(Date.now() + 4 * MINUTE)

  await bed.order({ clearFaults: true })
  await asksForPauses(1)
  expect(await slice()).not.toHaveProperty('resumeAt')
  expect(await db().streamRun.findUniqueOrThrow({ where: streamRun })).toMatchObject({ pausesInRow: 6 })
  await bed.order({ clearFaults: true })
  await slice()
  expect(await db().streamRun.findUniqueOrThrow({ where: streamRun })).toMatchObject({
    waitReason: null,
    pausesInRow: 0,
  })
})

test('a spent quota: the streams of its group wait for the hour that Spotify names, the others go on', async () => {
  await bed.order({ faults: [{ match: { path: '/me/tracks' }, fault: { kind: 'quota', retryAfter: 7200 } }] })
  const run = await firstRun([...ASKED, ALBUMS])
  expect(run.streams[TOP]?.state).toBe('succeeded')
  expect(run.streams[PLAYS]?.state).toBe('succeeded')
  for (const name of [SAVED, ALBUMS]) {
    const { state, waitingUntil } = run.streams[name] ?? {}
    expect(state).toBe('waiting')
    expect(Math.abs((waitingUntil?.getTime() ?? 0) - (Date.now() + 2 * HOUR))).toBeLessThan(60_000)
  }
  expect(run.streams[SAVED]?.problem).toContain('no more requests of this kind today')
  expect((await bed.stats()).tooMany).toBe(1)

  await db().quotaGroup.updateMany({ data: { blockedUntil: new Date(0) } })
  await drive((await plan(new Date(Date.now() + 3 * HOUR))).requests)
  expect((await runOf(run.id)).state).toBe('succeeded')
  await expectSavedTracks(bed, run.userId, listener)
})

test('a Spotify that fails for a moment costs a repetition, no more', async () => {
  await bed.order({ faults: [{ match: { path: '/me/tracks' }, times: 2, fault: { kind: 'status', status: 503 } }] })
  const run = await firstRun([SAVED])
  expect(run.streams[SAVED]).toMatchObject({ state: 'succeeded', problem: null })
  await expectSavedTracks(bed, run.userId, listener)
})

test.for([
  ['server errors', { kind: 'status', status: 500 }, 'not available'],
  ['HTML of a gateway', { kind: 'html' }, 'not available'],
  ['an answer that is not JSON', { kind: 'not-json' }, 'could not be understood'],
  ['an answer that ends in the middle', { kind: 'malformed-json' }, 'could not be understood'],
  ['a connection that breaks', { kind: 'cut' }, 'could not be reached'],
] as const)(
  '%s without end: the stream fails with words, the others go on, and a re-run takes it up',
  async ([, fault, words]) => {
    await bed.order({ faults: [{ match: { path: '/me/tracks.*offset=50' }, times: 1000, fault }] })
    const run = await firstRun()
    expect(run).toMatchObject({ state: 'incomplete', problem: expect.stringContaining(words) })
    expect(run.streams[SAVED]).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining(words),
      remedy: expect.stringContaining('Re-run'),
    })
    expect((await linesOf(run.streams[SAVED]?.id)).map(({ message }) => message).join('\n')).toContain(words)
    expect(run.streams[TOP]?.state).toBe('succeeded')
    await expectPlays(bed, run.userId, listener)

    await bed.order({ clearFaults: true })
    const again = await runNow(bed, run.userId, [SAVED])
    expect(again.streams[SAVED]).toMatchObject({ state: 'succeeded', problem: null })
    // What was landed before counts: only the missing pages are asked, and the look at the end.
    expect(again.streams[SAVED]?.requests).toBeLessThan((await pagesOfSaved()) + 1)
    await expectSavedTracks(bed, run.userId, listener)
  },
)

async function pagesOfSaved(): Promise<number> {
  return Math.ceil((await bed.truth(listener, 'saved')).length / 50)
}

test('field names of before February 2026 are understood', async () => {
  await bed.order({ conditions: { oldShapes: true } })
  const run = await firstRun(['user_playlists_stream', 'user_playlist_items_stream'])
  expect(run.state).toBe('succeeded')
  expect(await tableLines(bed, run.userId, 'user_playlist_items_stream', ['uri'])).not.toContain('null')
})

test('a Spotify that does not answer is given up after the deadline, as something that passes', async () => {
  await bed.order({ faults: [{ fault: { kind: 'time-out' } }] })
  const spotify = createSpotify(process.env.SPOTIFY_API_URL ?? '', { deadlineMs: 100 })
  await expect(spotify.get({ path: '/me', query: {}, token: 'x' })).rejects.toMatchObject({
    recovery: 'retry',
    message: 'Spotify did not answer in time',
  })
})
