import { afterEach, expect, vi } from 'vitest'
import { disconnect } from '#lib/accounts/disconnect.ts'
import { connections, me } from '#lib/accounts/status.ts'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { plan } from '#lib/schedule/plan.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { type EndedRun, runJobs, runNow, runOf, runToEnd } from '#testing/sync/run-jobs.ts'
import { watchConsent } from './consent-watch.ts'
import { retryConsents } from './retry-consents.ts'

const SAVED = 'user_saved_tracks_stream'
const PLAYS = 'user_recently_played_stream'

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
  await db().user.deleteMany()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Moves the clock of this process. */
function pass(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms, shouldAdvanceTime: true })
}

function accountOf({ userId }: TestListener) {
  return db().account.findFirstOrThrow({ where: { userId } })
}

async function tokenRequests(harness: Harness): Promise<number> {
  return (await harness.stats()).requests['/api/token'] ?? 0
}

async function titlesSent(): Promise<string[]> {
  const messages = await db().message.findMany({ orderBy: { id: 'asc' } })
  return messages.map(({ content }) => (content as { title: string }).title)
}

/** A listener whose sign-in was just refused for the first time, with a run that waits because of it. */
async function refused(harness: Harness, listener: TestListener): Promise<EndedRun> {
  const { userId, name, runId } = listener
  await runToEnd(harness, runId, [SAVED, PLAYS])
  await db().schedule.updateMany({ where: { userId }, data: { paused: true } })
  await db().notificationChannel.create({
    data: {
      id: `channel of ${userId}`,
      userId,
      kind: 'ntfy',
      label: 'phone',
      target: 'sealed',
      events: ['consent ending', 'failed', 'incomplete', 'recovered'],
    },
  })
  await harness.configure({ listeners: { [name]: { consent: 'revoked' } } })
  const run = await runNow(harness, userId, [SAVED, PLAYS])
  expect(run.state).toBe('waiting')
  return run
}

/** One planning tick. @returns how many streams it started */
async function tick(): Promise<number> {
  await retryConsents(new Date())
  const { requests } = await plan(new Date())
  await runJobs(requests)
  return requests.length
}

test('retries a refused sign-in after 10 minutes, 1, 6 and 24 hours, then ends the consent', async ({
  harness,
  listener,
}) => {
  const run = await refused(harness, listener)
  await db().schedule.updateMany({ where: { userId: listener.userId }, data: { nextAt: new Date(0), paused: false } })
  const first = (await accountOf(listener)).refusedAt?.getTime() ?? 0
  const tries: number[] = []
  let before = await tokenRequests(harness)
  // Ticks of a day and a half; where nothing is due, only the first and the last minute.
  for (const minutes of [5, 9, 11, 15, 58, 61, 65, 355, 361, 365, 1435, 1441, 1445, 2000]) {
    pass(first + minutes * MINUTE - Date.now())
    await tick()
    const requests = await tokenRequests(harness)
    if (requests > before) tries.push(minutes)
    before = requests
    const { refusals } = await accountOf(listener)
    await watchConsent(new Date())
    expect([minutes, await titlesSent()]).toEqual([minutes, refusals < 2 ? [] : ['Reconnect Spotify']])
  }
  expect(tries).toEqual([11, 61, 361, 1441])
  expect(await accountOf(listener)).toMatchObject({ consent: 'reconnect', refusals: 5, retryAt: null })
  // Everything waited meanwhile, and the run fails with the reason once the consent has ended.
  const ended = await runOf(run.id)
  expect(ended.state).toBe('failed')
  for (const streamRun of Object.values(ended.streams))
    expect(streamRun).toMatchObject({ state: 'failed', remedy: expect.stringContaining('Reconnect') })
  expect(await db().run.count({ where: { userId: listener.userId } })).toBe(2)
})

test('pages report the first refusal, ask to reconnect after the second, and clear both on success', async ({
  harness,
  listener,
}) => {
  const { id } = await refused(harness, listener)
  const { retryAt: at } = await accountOf(listener)
  const once = { state: 'given', problem: 'Spotify refused our sign-in once', retryAt: at?.toISOString() }
  expect((await me({ id: listener.userId })).consent).toMatchObject(once)
  expect((await connections({ id: listener.userId })).spotify).toMatchObject(once)
  expect(await me({ id: listener.userId })).toMatchObject({ nextRunAt: null, troubles: [] })

  pass(10 * MINUTE)
  expect(await tick()).toBe(0)
  const { retryAt } = await accountOf(listener)
  const twice = { state: 'reconnect', problem: expect.stringContaining('revoked'), retryAt: retryAt?.toISOString() }
  expect((await me({ id: listener.userId })).consent).toMatchObject(twice)
  expect((await connections({ id: listener.userId })).spotify).toMatchObject(twice)
  expect(await runOf(id)).toMatchObject({ state: 'waiting', waitingUntil: retryAt })
  expect(await db().alert.count({ where: { kind: 'consent', endedAt: null } })).toBe(1)

  await harness.configure({ listeners: { [listener.name]: { consent: 'restored' } } })
  pass(HOUR)
  expect(await tick()).toBe(2)
  expect((await runOf(id)).state).toBe('nothing_new')
  expect((await me({ id: listener.userId })).consent).toMatchObject({ state: 'given', problem: null, retryAt: null })
  expect(await titlesSent()).toEqual(['Reconnect Spotify', 'Spotify is connected again'])
  expect(await db().alert.count({ where: { endedAt: null } })).toBe(0)
})

test('a sign-in that is refused once and then works is never reported', async ({ harness, listener }) => {
  const { id } = await refused(harness, listener)
  await harness.configure({ listeners: { [listener.name]: { consent: 'restored' } } })
  pass(10 * MINUTE)
  await tick()
  expect((await runOf(id)).state).toBe('nothing_new')
  expect(await accountOf(listener)).toMatchObject({ consent: 'given', refusals: 0, refusedAt: null, retryAt: null })
  expect(await titlesSent()).toEqual([])
})

test('a token that is refreshed and then refused by the API counts as refused', async ({ harness, listener }) => {
  await refused(harness, listener)
  await harness.configure({
    listeners: { [listener.name]: { consent: 'restored' } },
    faults: [{ match: { path: '/v1/me' }, times: 1000, fault: { kind: 'expired-token' } }],
  })
  pass(10 * MINUTE)
  await tick()
  expect(await accountOf(listener)).toMatchObject({ consent: 'reconnect', refusals: 2 })
  await harness.configure({ clearFaults: true })
  pass(HOUR)
  await tick()
  expect(await accountOf(listener)).toMatchObject({ consent: 'given', refusals: 0 })
})

test.for([
  ['accounts service', '/api/token'],
  ['API', '/v1/me'],
])(
  'while the %s is down nothing is concluded, and the next try is 10 minutes later',
  async ([, path], { harness, listener }) => {
    await refused(harness, listener)
    await harness.configure({
      listeners: { [listener.name]: { consent: 'restored' } },
      faults: [{ match: { path: path as string }, times: 1000, fault: { kind: 'status', status: 503 } }],
    })
    pass(11 * MINUTE)
    const at = Date.now()
    await tick()
    const account = await accountOf(listener)
    expect(account).toMatchObject({ consent: 'given', refusals: 1 })
    expect(account.retryAt?.getTime()).toBeGreaterThanOrEqual(at + 10 * MINUTE)
    expect((await db().streamRun.findFirstOrThrow({ where: { state: 'waiting' } })).waitingUntil).toEqual(
      account.retryAt,
    )
  },
)

test('two planning ticks at once try it once', async ({ harness, listener }) => {
  await refused(harness, listener)
  const before = await tokenRequests(harness)
  pass(10 * MINUTE)
  await Promise.all([1, 2, 3].map(() => retryConsents(new Date())))
  expect(await tokenRequests(harness)).toBe(before + 1)
  expect(await accountOf(listener)).toMatchObject({ refusals: 2 })
})

test('after a day without the instance, the tries are still 10 minutes apart', async ({ harness, listener }) => {
  await refused(harness, listener)
  pass(2 * DAY)
  for (const refusals of [2, 2, 3]) {
    await tick()
    expect(await accountOf(listener)).toMatchObject({ refusals })
    pass(refusals === 2 ? 5 * MINUTE : 0)
  }
})

test('never retries after the listener disconnects, even if a try was in progress', async ({ harness, listener }) => {
  const { id } = await refused(harness, listener)
  await harness.configure({ listeners: { [listener.name]: { consent: 'restored' } }, latencyMs: 200 })
  pass(10 * MINUTE)
  const trying = retryConsents(new Date())
  while (!(await accountOf(listener)).refreshingUntil) await new Promise(setImmediate)
  await disconnect(listener.userId)
  await trying
  const before = await tokenRequests(harness)
  pass(2 * DAY)
  await tick()
  expect(await tokenRequests(harness)).toBe(before)
  expect(await accountOf(listener)).toMatchObject({ consent: 'disconnected', refresh_token: null, retryAt: null })
  expect((await runOf(id)).state).toBe('cancelled')
})

test('a suspended listener is not tried until they are back', async ({ harness, listener }) => {
  await refused(harness, listener)
  const before = await tokenRequests(harness)
  const suspend = (suspendedAt: Date | null) =>
    db().user.update({ where: { id: listener.userId }, data: { suspendedAt } })
  await suspend(new Date())
  pass(DAY)
  await retryConsents(new Date())
  expect(await tokenRequests(harness)).toBe(before)
  await suspend(null)
  await retryConsents(new Date())
  expect(await tokenRequests(harness)).toBe(before + 1)
})
