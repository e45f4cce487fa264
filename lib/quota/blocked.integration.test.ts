import { expect } from 'vitest'
import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { plan } from '#lib/schedule/plan.ts'
import type { SimulatorSettings } from '#simulator/admin/settings.ts'
import { expectPlays, expectSavedTracks } from '#testing/sync/expected.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { runJobs, runNow, runOf, runToEnd } from '#testing/sync/run-jobs.ts'

const SAVED = 'user_saved_tracks_stream'
const PLAYS = 'user_recently_played_stream'
const BLOCKED_HOURS = 20

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
  await db().requestLimit.deleteMany()
  await db().quotaGroup.deleteMany()
})

type FaultOrder = NonNullable<SimulatorSettings['faults']>[number]['fault']

const retryAfter = (BLOCKED_HOURS * HOUR) / 1000

/** The first run of a listener while saved tracks are refused. @returns until when the run waits */
async function blockedRun(harness: Harness, { runId }: TestListener, fault: FaultOrder): Promise<number> {
  await harness.configure({ faults: [{ match: { path: '/me/tracks' }, times: 1000, fault }] })
  const { streams } = await runToEnd(harness, runId, [SAVED, PLAYS])
  expect(streams[PLAYS]).toMatchObject({ state: 'succeeded' })
  expect(streams[SAVED]).toMatchObject({
    state: 'waiting',
    problem: 'Spotify accepts no more requests of this kind today',
    remedy: expect.stringContaining('resumes by itself'),
  })
  return streams[SAVED]?.waitingUntil?.getTime() ?? 0
}

test('with liked songs blocked for 20 hours no play is lost, and afterwards liked songs are complete', async ({
  harness,
  listener,
}) => {
  await blockedRun(harness, listener, { kind: 'quota', retryAfter })
  const begin = harness.now().getTime()
  for (let passed = HOUR; passed <= BLOCKED_HOURS * HOUR; passed += HOUR) {
    await harness.setTime(new Date(begin + passed))
    const { state } = await runNow(harness, listener.userId, [PLAYS])
    expect(['succeeded', 'nothing_new']).toContain(state)
  }
  await expectPlays(harness, listener.userId, listener.name)
  expect(await db().poll.count({ where: { userId: listener.userId, overlapped: false } })).toBe(0)
  expect(await db().poll.count({ where: { userId: listener.userId } })).toBe(BLOCKED_HOURS + 1)
  // Requests during the block could extend it.
  expect((await harness.stats()).requests['/me/tracks']).toBe(1)

  await harness.configure({ clearFaults: true })
  await db().quotaGroup.updateMany({ data: { blockedUntil: new Date(0) } })
  await runJobs((await plan(new Date(Date.now() + (BLOCKED_HOURS + 1) * HOUR))).requests)
  expect((await runOf(listener.runId)).state).toBe('succeeded')
  await expectSavedTracks(harness, listener.userId, listener.name)
})

test('a run waits if its remaining streams depend on a blocked one', async ({ harness, listener: { runId } }) => {
  await harness.configure({ faults: [{ match: { path: '/me/playlists' }, fault: { kind: 'quota', retryAfter } }] })
  const run = await runToEnd(harness, runId, ['user_playlists_stream', 'user_playlist_items_stream', PLAYS])
  expect(run.streams.user_playlist_items_stream?.state).toBe('queued')
  expect(run).toMatchObject({ state: 'waiting', waitingUntil: run.streams.user_playlists_stream?.waitingUntil })
})

test.for(['json', 'plain'] as const)(
  'a 20-hour pause that is not called a quota (%s) blocks only its own group',
  async (body, { harness, listener }) => {
    const waitingUntil = await blockedRun(harness, listener, { kind: 'rate-limit', retryAfter, body })
    expect(Math.abs(waitingUntil - Date.now() - BLOCKED_HOURS * HOUR)).toBeLessThan(5 * MINUTE)
    await harness.setTime(new Date(harness.now().getTime() + 30 * MINUTE))
    expect((await runNow(harness, listener.userId, [PLAYS])).endedAt).not.toBeNull()
  },
)
