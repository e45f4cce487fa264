import { afterEach, expect, vi } from 'vitest'
import { HOUR } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { db } from '#lib/db.ts'
import { probeApps } from '#lib/ops/probe-app.ts'
import { retryConsents } from '#lib/ops/retry-consents.ts'
import { plan, recoverStreamRuns } from '#lib/schedule/plan.ts'
import { tableLines } from '#testing/sync/expected.ts'
import { type Recovery, SPOTIFY_FAULTS } from '#testing/sync/faults.ts'
import { test } from '#testing/sync/fixture.ts'
import { type Harness, NOON } from '#testing/sync/harness.ts'
import {
  expectComplete,
  NAMES,
  newListener,
  type Person,
  PLAYS,
  SAVED,
  simulateActivity,
  startRuns,
  switchToOwnApp,
  syncedListener,
  TOP,
} from '#testing/sync/listeners.ts'
import { type EndedRun, runJobs, runNow, runOf, runToEnd } from '#testing/sync/run-jobs.ts'

test.override('options', [{ SPOTIFY_DEADLINE_MS: '500', REQUEST_WINDOW_MS: '2000' }])

/** Every fault of Spotify, of a consent and of an app: what a person sees, and that nothing is lost or duplicated in the end. */

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
  await harness.setTime(NOON)
  await db().user.deleteMany()
  // What one test taught about the app doesn't hold for the next one.
  await db().requestLimit.deleteMany()
  await db().requestSlot.deleteMany()
  await db().quotaGroup.deleteMany()
  await db().spotifyApp.updateMany({ data: { problem: null, problemSince: null, probeAt: null } })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Moves the clock of this process. */
function pass(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms, shouldAdvanceTime: true })
}

/** How each kind of fault recovers. */
const RECOVER: Record<Recovery, (harness: Harness, person: Person, run: EndedRun) => Promise<EndedRun>> = {
  retry: async (_harness, _person, run) => run,
  async later(_, person, { id }) {
    // Too early: nothing is requested.
    expect((await plan(new Date())).requests).toEqual([])
    pass(25 * HOUR)
    await probeApps(new Date())
    await retryConsents(new Date())
    const { requests } = await plan(new Date())
    await runJobs(requests.filter(({ listenerId }) => listenerId === person.userId))
    return runOf(id)
  },
  rerun: (harness, { userId }) => runNow(harness, userId, NAMES),
  async reconnect(harness, { name, userId }) {
    expect((await db().account.findFirstOrThrow({ where: { userId } })).consent).toBe('reconnect')
    const again = await harness.signIn(name)
    expect(again.userId).toBe(userId)
    return runToEnd(harness, again.runId, NAMES)
  },
  async refused(harness, { name, userId }, { id }) {
    // Nothing is requested before the next try.
    const before = (await harness.stats()).requests
    expect((await plan(new Date())).requests).toEqual([])
    await retryConsents(new Date())
    expect((await harness.stats()).requests).toEqual(before)
    await harness.signIn(name)
    await runJobs(await recoverStreamRuns(new Date(), { userId }))
    return runOf(id)
  },
}

test.for(SPOTIFY_FAULTS)('$fault', async (fault, { harness }) => {
  const [met, other] = [await syncedListener(harness, 'load-1'), await newListener(harness, 'load-2')]
  if (fault.affectsApp) await switchToOwnApp(harness, other)
  const before = await tableLines(harness, met.userId, SAVED, ['id', 'added_at'])
  await simulateActivity(harness, [met, other])
  const clientId = settings().SPOTIFY_CLIENT_ID ?? ''
  await harness.configure(fault.begin(met.name, clientId))
  const { runs, requests } = await startRuns(harness, [met, other])
  await runJobs(requests)

  const run = await runOf(runs.get(met) ?? '')
  expect(run.streams[SAVED]).toMatchObject({ state: fault.state, problem: fault.sees })
  expect(Boolean(run.streams[SAVED]?.remedy)).toBe(fault.sees !== null)
  if (fault.affects === 'liked songs')
    for (const name of [PLAYS, TOP]) expect([name, run.streams[name]?.problem]).toEqual([name, null])
  if (fault.recovery !== 'retry')
    expect(await tableLines(harness, met.userId, SAVED, ['id', 'added_at'])).toEqual(before)
  expect((await runOf(runs.get(other) ?? '')).state).toBe('succeeded')
  await expectComplete(harness, other)

  await harness.configure(fault.end?.(met.name, clientId) ?? { clearFaults: true })
  expect((await RECOVER[fault.recovery](harness, met, run)).state).toBe('succeeded')
  await expectComplete(harness, met)
})
