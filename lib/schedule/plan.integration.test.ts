import { expect } from 'vitest'
import { disconnect } from '#lib/accounts/disconnect.ts'
import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { db } from '#lib/db.ts'
import { extractSlice } from '#lib/extract/extract.ts'
import { cancelRun, createRun, failStreamRun, takeStartable } from '#lib/runs/runs.ts'
import { closeRun } from '#lib/sync/close-run.ts'
import { orderRun } from '#lib/sync/order-run.ts'
import { expectSavedTracks, tableLines } from '#testing/sync/expected.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import { alignQueuedAt, runJobs, runNow, runOf, runToEnd } from '#testing/sync/run-jobs.ts'
import { plan, recoverStreamRuns } from './plan.ts'

const SAVED = 'user_saved_tracks_stream'
const PLAYS = 'user_recently_played_stream'
const TOP = 'user_top_tracks_st_stream'

test.beforeEach(async ({ harness }) => {
  await db().user.deleteMany()
  await harness.configure({ reset: true })
})

async function ended({ runId }: TestListener): Promise<void> {
  await cancelRun(runId)
  await db().schedule.updateMany({ data: { nextAt: new Date(Date.now() + 24 * HOUR) } })
}

function runsOf({ userId }: TestListener, trigger: 'schedule') {
  return db().run.findMany({ where: { userId, trigger }, include: { streamRuns: true } })
}

test('a listener has at most one active stream run per stream, however many runs are ordered at once', async ({
  listener,
}) => {
  await ended(listener)
  const runs = await Promise.all(Array.from({ length: 5 }, () => orderRun(listener.userId, 'manual')))
  expect(runs.filter((run) => run !== null)).toHaveLength(1)
  const active = await db().streamRun.findMany({ where: { userId: listener.userId, state: 'queued' } })
  expect(new Set(active.map(({ stream }) => stream)).size).toBe(active.length)
})

test('a run skips the streams that are already active', async ({ listener }) => {
  await ended(listener)
  await orderRun(listener.userId, 'manual', { names: [SAVED] })
  const second = await createRun({ userId: listener.userId, trigger: 'manual', streams: [SAVED, TOP] })
  expect(Object.keys((await runOf(second?.id ?? '')).streams)).toEqual([TOP])
})

test('due runs are created once, even by two ticks at once', async ({ listener }) => {
  await ended(listener)
  const now = new Date()
  await db().schedule.updateMany({ where: { userId: listener.userId }, data: { nextAt: new Date(now.getTime() - 1) } })
  const ticks = await Promise.all([plan(now), plan(now)])
  const runs = await runsOf(listener, 'schedule')
  const streams = runs.flatMap(({ streamRuns }) => streamRuns.map(({ stream }) => stream))
  expect(new Set(streams).size).toBe(streams.length)
  expect(streams).toContain(SAVED)
  const sent = ticks.flatMap(({ requests }) => requests.map(({ streamRunId }) => streamRunId))
  expect(new Set(sent).size).toBe(sent.length)
  expect((await plan(now)).requests).toEqual([])
  const schedules = await db().schedule.findMany({ where: { userId: listener.userId } })
  for (const { nextAt } of schedules) expect(nextAt.getTime()).toBeGreaterThan(now.getTime())
})

test('one tick starts everything that is due, for any number of listeners', async ({ listener }) => {
  await ended(listener)
  const account = await db().account.findFirstOrThrow({ where: { userId: listener.userId } })
  const own = await db().schedule.findMany({ where: { userId: listener.userId } })
  const others = Array.from({ length: 101 }, (_, index) => `other-${index}`)
  await db().user.createMany({ data: others.map((id) => ({ id })) })
  await db().account.createMany({
    data: others.map((id) => ({ ...account, id, userId: id, providerAccountId: id })),
  })
  const nextAt = new Date()
  await db().schedule.createMany({
    data: others.flatMap((other) => own.map(({ group }) => ({ userId: other, group, nextAt }))),
  })
  await plan(nextAt)
  expect(await db().schedule.count({ where: { nextAt: { lte: nextAt } } })).toBe(0)
  const runs = await db().run.findMany({ where: { userId: { in: others } }, distinct: ['userId'] })
  expect(runs).toHaveLength(others.length)
})

test('missed times are not made up', async ({ listener }) => {
  await ended(listener)
  const weekAgo = new Date(Date.now() - 7 * 24 * HOUR)
  await db().schedule.updateMany({
    where: { userId: listener.userId, group: 'recently played' },
    data: { nextAt: weekAgo },
  })
  await plan(new Date())
  await plan(new Date())
  expect(await runsOf(listener, 'schedule')).toHaveLength(1)
})

test('nothing is planned for a listener who paused or disconnected', async ({ listener }) => {
  await ended(listener)
  const past = new Date(0)
  await db().schedule.updateMany({ where: { userId: listener.userId }, data: { nextAt: past, paused: true } })
  expect((await plan(new Date())).requests).toEqual([])
  await db().schedule.updateMany({ where: { userId: listener.userId }, data: { paused: false } })
  await disconnect(listener.userId)
  expect((await plan(new Date())).requests).toEqual([])
})

test('an event that no job takes within a minute is sent again, as the same attempt', async ({
  listener: { runId },
}) => {
  const requests = await takeStartable(runId)
  const sentAt = Date.now()
  expect((await plan(new Date(sentAt + 50_000))).requests).toEqual([])
  expect((await plan(new Date(sentAt + 70_000))).requests).toEqual(expect.arrayContaining(requests))
})

test('the plan sends the events of a run that were never sent', async ({ listener: { runId } }) => {
  const { requests } = await plan(new Date(Date.now() + 2 * MINUTE))
  const sent = await db().streamRun.findMany({ where: { runId, sentAt: { not: null } } })
  expect(sent.length).toBeGreaterThan(5)
  expect(new Set(requests.map(({ streamRunId }) => streamRunId))).toEqual(new Set(sent.map(({ id }) => id)))
})

test('a waiting stream run is resumed when its time has come, as the next attempt, by one tick', async ({
  listener,
}) => {
  const streamRun = await db().streamRun.findFirstOrThrow({ where: { runId: listener.runId, stream: SAVED } })
  const until = new Date(Date.now() + HOUR)
  await ended(listener)
  await db().streamRun.update({
    where: { id: streamRun.id },
    data: { state: 'waiting', waitingUntil: until, sentAt: new Date() },
  })
  expect((await plan(new Date(until.getTime() - 1))).requests).toEqual([])
  await plan(until)
  expect(await db().streamRun.findUniqueOrThrow({ where: { id: streamRun.id } })).toMatchObject({
    state: 'queued',
    attempt: 2,
  })
  // A job of the previous attempt finds nothing to do.
  expect(await extractSlice({ streamRunId: streamRun.id, attempt: 1 })).toMatchObject({ more: false, connections: [] })
})

test('a busy listener is polled again soon, a quiet one is not', async ({
  harness,
  listener: { name, userId, runId },
}) => {
  await runToEnd(harness, runId, [PLAYS])
  const later = new Date(Date.now() + 20 * HOUR)
  const nextLook = async () =>
    (await db().schedule.findFirstOrThrow({ where: { userId, group: 'recently played' } })).nextAt.getTime()
  await db().schedule.updateMany({ where: { userId }, data: { nextAt: later } })
  await harness.configure({ changes: [{ what: 'play', listener: name, count: 5 }] })
  await closeRun((await runNow(harness, userId, [PLAYS])).id)
  expect(await nextLook()).toBe(later.getTime())
  await harness.setTime(new Date(harness.now().getTime() + 2 * HOUR))
  await harness.configure({ changes: [{ what: 'play', listener: name, count: 35 }] })
  await closeRun((await runNow(harness, userId, [PLAYS])).id)
  expect(await nextLook()).toBeLessThanOrEqual(Date.now() + 10 * MINUTE)
})

test('a run cancelled in the middle ends at once, and the next one continues where it stopped', async ({
  harness,
  listener: { name, userId, runId },
}) => {
  await db().streamRun.deleteMany({ where: { runId, stream: { not: SAVED } } })
  await alignQueuedAt(harness, runId)
  const [request] = await takeStartable(runId)
  if (!request) throw new Error('nothing to start')
  await harness.configure({ latencyMs: 60 })
  const slice = extractSlice(request)
  const landed = () => db().landedObject.count({ where: { read: { userId } } })
  while ((await landed()) === 0) await new Promise(setImmediate)
  await cancelRun(runId)
  expect(await slice).toMatchObject({ more: false, connections: [] })
  expect(await runOf(runId)).toMatchObject({ state: 'cancelled', streams: { [SAVED]: { state: 'cancelled' } } })
  const had = await landed()
  await harness.configure({ latencyMs: 0 })
  const again = await runNow(harness, userId, [SAVED])
  expect(again.state).toBe('succeeded')
  expect(again.streams[SAVED]?.pages).toBe((await landed()) - had)
  await expectSavedTracks(harness, userId, name)
})

test('disconnecting keeps the data, and ends tokens and runs at once', async ({
  harness,
  listener: { userId, runId },
}) => {
  await runToEnd(harness, runId, [SAVED])
  const before = await tableLines(harness, userId, SAVED, ['id'])
  const order = await orderRun(userId, 'manual')
  await disconnect(userId)
  expect(await db().account.findFirstOrThrow({ where: { userId } })).toMatchObject({
    access_token: null,
    refresh_token: null,
    consent: 'disconnected',
  })
  expect((await runOf(order?.id ?? '')).state).toBe('cancelled')
  await runJobs(await takeStartable(order?.id ?? ''))
  expect(await tableLines(harness, userId, SAVED, ['id'])).toEqual(before)
})

test.for([
  ['before it recorded its phase', { startedAt: null, phase: null }],
  ['when it had read everything', { phase: 'loading', extractedAt: new Date() }],
] as const)('a stream run whose job died %s is recovered too', async ([, left], { listener }) => {
  await ended(listener)
  const run = await orderRun(listener.userId, 'manual', { names: [PLAYS] })
  await takeStartable(run?.id ?? '')
  await db().streamRun.updateMany({ where: { runId: run?.id }, data: { ...left, state: 'running' } })
  const later = await recoverStreamRuns(new Date(Date.now() + 70 * MINUTE))
  expect(later).toMatchObject([{ attempt: 2 }])
  await runJobs(later)
  expect((await runOf(run?.id ?? '')).state).toBe('succeeded')
})

test.for([
  ['wait', { kind: 'quota', retryAfter: 7200 }],
  ['fail', { kind: 'status', status: 400 }],
] as const)(
  'a slice that would %s changes nothing once the next attempt has started',
  async ([, fault], { harness, listener }) => {
    await ended(listener)
    await db().quotaGroup.deleteMany()
    const run = await orderRun(listener.userId, 'manual', { names: [SAVED] })
    const [request] = await takeStartable(run?.id ?? '')
    if (!request) throw new Error('nothing to start')
    await harness.configure({ latencyMs: 400, faults: [{ match: { path: '/me/tracks' }, times: 1, fault }] })
    const late = extractSlice(request)
    while ((await harness.stats()).requests['/me/tracks'] === undefined) await new Promise(setImmediate)
    const [next] = await recoverStreamRuns(new Date(Date.now() + 70 * MINUTE))
    expect(next).toMatchObject({ attempt: 2 })
    // What its slice does first.
    const started = { state: 'running', sentAt: new Date() } as const
    await db().streamRun.update({ where: { id: request.streamRunId }, data: started })
    expect(await late).toMatchObject({ more: false })
    expect(await failStreamRun(request, 'Its job gave up')).toBeNull()
    const { streamRuns } = await db().run.findUniqueOrThrow({ where: { id: run?.id }, include: { streamRuns: true } })
    expect(streamRuns).toMatchObject([{ state: 'running', attempt: 2, problem: null }])
    await harness.configure({ latencyMs: 0 })
    await db().quotaGroup.deleteMany()
    await runJobs(next ? [next] : [])
    expect((await runOf(run?.id ?? '')).state).toBe('succeeded')
    await expectSavedTracks(harness, listener.userId, listener.name)
  },
)

test('the next attempt continues a stream run whose job was lost', async ({ harness, listener }) => {
  await ended(listener)
  const run = await orderRun(listener.userId, 'manual', { names: [SAVED] })
  const [request] = await takeStartable(run?.id ?? '')
  if (!request) throw new Error('nothing to start')
  // The first slice reads a part of the list, and the next one never starts.
  await harness.configure({ changes: [{ what: 'like', listener: listener.name, count: 1_500 }] })
  expect(await extractSlice(request)).toMatchObject({ more: true })
  const again = async (minutes: number) => (await plan(new Date(Date.now() + minutes * MINUTE))).requests
  expect(await again(4)).toEqual([])
  const later = await again(6)
  expect(later).toMatchObject([{ streamRunId: request.streamRunId, attempt: request.attempt + 1 }])
  expect(await again(6)).toEqual(later)
  await runJobs(later)
  const { streams } = await runOf(run?.id ?? '')
  expect(streams[SAVED]).toMatchObject({ state: 'succeeded', attempt: request.attempt + 1 })
  // If the job comes back, it finds that it is superseded.
  expect(await extractSlice(request)).toMatchObject({ more: false, connections: [] })
})

test('while all slots are taken, a job without a sign of life is given the time until its turn', async ({
  listener,
}) => {
  await ended(listener)
  const run = await orderRun(listener.userId, 'manual', { names: [SAVED] })
  const [request] = await takeStartable(run?.id ?? '')
  if (!request) throw new Error('nothing to start')
  const startedAt = Date.now()
  const silent = { state: 'running', phase: 'extracting', sentAt: new Date(startedAt) } as const
  await db().streamRun.update({ where: { id: request.streamRunId }, data: silent })
  const others = Array.from({ length: 20 * settings().POOL_SLOTS }, (_, index) => `other-${index}`)
  await db().user.createMany({ data: others.map((id) => ({ id })) })
  await db().run.createMany({ data: others.map((id) => ({ id, userId: id, kind: 'extract', trigger: 'schedule' })) })
  await db().streamRun.createMany({
    data: others.map((id) => ({ id, runId: id, userId: id, stream: SAVED, ...silent })),
  })
  const lostAfter = async (minutes: number) => {
    const now = new Date(startedAt + minutes * MINUTE)
    await db().streamRun.updateMany({ where: { id: { in: others } }, data: { sentAt: now } })
    return (await recoverStreamRuns(now)).map(({ streamRunId }) => streamRunId)
  }
  expect(await lostAfter(25)).toEqual([])
  expect(await lostAfter(27)).toEqual([request.streamRunId])
})

test('stream runs resume after their wait, oldest first, however many others are lost', async ({ listener }) => {
  await ended(listener)
  const many = Array.from({ length: 501 }, (_, index) => `many-${String(index).padStart(3, '0')}`)
  const longAgo = new Date(Date.now() - HOUR)
  await db().user.createMany({ data: many.map((id) => ({ id })) })
  const run = { kind: 'extract', trigger: 'schedule' } as const
  await db().run.createMany({ data: many.map((id) => ({ id, userId: id, ...run })) })
  const lost = { stream: TOP, state: 'queued', queuedAt: longAgo, sentAt: longAgo } as const
  const waiting = { stream: SAVED, state: 'waiting', queuedAt: longAgo } as const
  await db().streamRun.createMany({
    data: many.flatMap((id, index) => [
      { id: `lost-${id}`, runId: id, userId: id, ...lost },
      { id: `wait-${id}`, runId: id, userId: id, ...waiting, waitingUntil: new Date(longAgo.getTime() - index) },
    ]),
  })
  const { requests } = await plan(new Date())
  const waited = requests.filter(({ streamRunId }) => streamRunId.startsWith('wait-'))
  expect([requests.length, waited.length]).toEqual([1000, 500])
  expect(waited.map(({ listenerId }) => listenerId)).not.toContain(many[0])
})
