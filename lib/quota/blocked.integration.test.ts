import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { plan } from '#lib/schedule/plan.ts'
import type { SimulatorSettings } from '#simulator/admin/orders.ts'
import { expectPlays, expectSavedTracks } from '#testing/sync/expected.ts'
import { type Harness, startHarness } from '#testing/sync/harness.ts'
import { runJobs, runNow, runOf, runToEnd } from '#testing/sync/run-jobs.ts'

const SAVED = 'user_saved_tracks_stream'
const PLAYS = 'user_recently_played_stream'
const BLOCKED_HOURS = 20

let harness: Harness
let nobody = 0
beforeAll(async () => {
  harness = await startHarness()
})
beforeEach(async () => {
  await harness.configure({ reset: true })
  await harness.setTime(new Date('2026-10-14T12:00:00.000Z'))
  await db().requestLimit.deleteMany()
  await db().quotaGroup.deleteMany()
})
afterAll(() => harness.stop())

type FaultOrder = NonNullable<SimulatorSettings['faults']>[number]['fault']

const retryAfter = (BLOCKED_HOURS * HOUR) / 1000

/** The first run of a new listener while saved tracks are refused: what came of it. */
async function blockedRun(fault: FaultOrder) {
  const listener = `load-${++nobody}`
  await harness.configure({ faults: [{ match: { path: '/me/tracks' }, times: 1000, fault }] })
  const { userId, runId } = await harness.signIn(listener)
  const { streams } = await runToEnd(harness, runId, [SAVED, PLAYS])
  expect(streams[PLAYS]).toMatchObject({ state: 'succeeded' })
  expect(streams[SAVED]).toMatchObject({
    state: 'waiting',
    problem: 'Spotify accepts no more requests of this kind today',
    remedy: expect.stringContaining('resumes by itself'),
  })
  return { listener, userId, runId, waitingUntil: streams[SAVED]?.waitingUntil?.getTime() ?? 0 }
}

test('saved tracks blocked for 20 hours: recently played loses nothing, and afterwards neither do they', async () => {
  const { listener, userId, runId } = await blockedRun({ kind: 'quota', retryAfter })
  const begin = harness.now().getTime()
  for (let passed = HOUR; passed <= BLOCKED_HOURS * HOUR; passed += HOUR) {
    await harness.setTime(new Date(begin + passed))
    const { state } = await runNow(harness, userId, [PLAYS])
    expect(['succeeded', 'nothing_new']).toContain(state)
  }
  await expectPlays(harness, userId, listener)
  expect(await db().poll.count({ where: { userId, overlapped: false } })).toBe(0)
  expect(await db().poll.count({ where: { userId } })).toBe(BLOCKED_HOURS + 1)
  // Asking again while it is blocked could make it longer.
  expect((await harness.stats()).requests['/me/tracks']).toBe(1)

  await harness.configure({ clearFaults: true })
  await db().quotaGroup.updateMany({ data: { blockedUntil: new Date(0) } })
  await runJobs((await plan(new Date(Date.now() + (BLOCKED_HOURS + 1) * HOUR))).requests)
  expect((await runOf(runId)).state).toBe('succeeded')
  await expectSavedTracks(harness, userId, listener)
})

test('a run waits as a whole when what is left of it follows a stream that is blocked', async () => {
  await harness.configure({ faults: [{ match: { path: '/me/playlists' }, fault: { kind: 'quota', retryAfter } }] })
  const { runId } = await harness.signIn(`load-${++nobody}`)
  const run = await runToEnd(harness, runId, ['user_playlists_stream', 'user_playlist_items_stream', PLAYS])
  expect(run.streams.user_playlist_items_stream?.state).toBe('queued')
  expect(run).toMatchObject({ state: 'waiting', waitingUntil: run.streams.user_playlists_stream?.waitingUntil })
})

test.for(['json', 'plain'] as const)(
  'a block of 20 hours that Spotify does not call a quota (%s) holds its own group alone',
  async (body) => {
    const { userId, waitingUntil } = await blockedRun({ kind: 'rate-limit', retryAfter, body })
    expect(Math.abs(waitingUntil - Date.now() - BLOCKED_HOURS * HOUR)).toBeLessThan(5 * MINUTE)
    await harness.setTime(new Date(harness.now().getTime() + 30 * MINUTE))
    expect((await runNow(harness, userId, [PLAYS])).endedAt).not.toBeNull()
  },
)
