import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { me } from '#lib/accounts/status.ts'
import { NOTIFICATION_EVENTS } from '#lib/api/lists.ts'
import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { Content } from '#lib/notifications/alerts.ts'
import { addChannel } from '#lib/notifications/channels.ts'
import { notifyOpenRuns } from '#lib/notifications/notify-run.ts'
import { listRuns, runDetail } from '#lib/runs/run-responses.ts'
import { createRun } from '#lib/runs/runs.ts'
import { plan } from '#lib/schedule/plan.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { type EndedRun, runJobs, runNow, runOf, runToEnd } from '#testing/sync/run-jobs.ts'
import { rerun } from './order-run.ts'

/** Runs that stay open for hours because one stream waits: what becomes of the others meanwhile. */

test.override('options', [{ WEBHOOKS_TO_LOOPBACK: '1' }])

const SAVED = 'user_saved_tracks_stream'
const TOP = 'user_top_tracks_st_stream'
const ARTISTS = 'user_top_artists_st_stream'
const ALBUMS = 'user_saved_albums_stream'
const PLAYS = 'user_recently_played_stream'

test.beforeEach(async ({ harness, listener: { userId, runId } }) => {
  await harness.configure({ reset: true })
  await db().quotaGroup.deleteMany()
  const address = 'http://127.0.0.1:9/'
  await addChannel({ id: userId }, { kind: 'webhook', label: 'all', address, events: [...NOTIFICATION_EVENTS] })
  await runToEnd(harness, runId, [SAVED, TOP, ARTISTS, PLAYS])
  await db().schedule.updateMany({ where: { userId }, data: { paused: true } })
  await db().message.deleteMany()
})

async function sent({ userId }: TestListener): Promise<string[]> {
  const messages = await db().message.findMany({ where: { channel: { userId } }, orderBy: { id: 'asc' } })
  return messages
    .filter(({ event }) => event !== 'succeeded')
    .map(({ event, content }) => `${event}: ${Content.parse(content).title}`)
}

const asViewer = ({ userId }: TestListener) => ({ id: userId, isAdmin: false })

/** A run in which liked songs wait for a quota and top songs fail with a status. */
async function halfFailed(harness: Harness, { userId }: TestListener, status = 500): Promise<EndedRun> {
  await harness.configure({
    faults: [
      { match: { path: '/me/tracks' }, times: 1000, fault: { kind: 'quota', retryAfter: 72_000 } },
      { match: { path: '/me/top/tracks' }, times: 1000, fault: { kind: 'status', status, message: 'Forbidden' } },
    ],
  })
  const run = await runNow(harness, userId, [SAVED, TOP, PLAYS])
  expect(run.state).toBe('waiting')
  return run
}

/** The quota is back and the run ends. */
async function endWait(harness: Harness, { id }: EndedRun): Promise<EndedRun> {
  await harness.configure({ clearFaults: true })
  await db().quotaGroup.deleteMany()
  await runJobs((await plan(new Date(Date.now() + 21 * HOUR))).requests)
  return runOf(id)
}

test('reports a stream that fails while another waits right away, and not again when the run ends', async ({
  harness,
  listener,
}) => {
  const run = await halfFailed(harness, listener)
  const { problem, remedy } = run.streams[TOP] ?? {}
  expect(await sent(listener)).toEqual(['failed: Top songs, 4 weeks could not be synced'])
  expect(await me({ id: listener.userId })).toMatchObject({
    troubles: [{ title: 'Top songs, 4 weeks could not be synced', problem, remedy, path: `/runs/${run.id}` }],
  })
  const shown = { state: 'waiting', problem: `Top songs, 4 weeks: ${problem}`, remedy, failed: [TOP] }
  expect(await runDetail(asViewer(listener), run.id)).toMatchObject(shown)
  expect((await listRuns({ userId: listener.userId }, { limit: 1 })).runs).toMatchObject([shown])

  expect(await endWait(harness, run)).toMatchObject({ state: 'incomplete', problem: shown.problem, remedy })
  expect(await sent(listener)).toHaveLength(1)
})

test('each stream that fails later in a waiting run is notified once', async ({ harness, listener }) => {
  const run = await halfFailed(harness, listener)
  const { id } = await db().streamRun.create({
    data: { id: `late of ${run.id}`, runId: run.id, userId: listener.userId, stream: ARTISTS },
  })
  await harness.configure({
    faults: [{ match: { path: '/me/top/artists' }, times: 1000, fault: { kind: 'status', status: 500 } }],
  })
  await runJobs([{ streamRunId: id, attempt: 1, listenerId: listener.userId }])
  await notifyOpenRuns()
  const both = ['failed: Top songs, 4 weeks could not be synced', 'failed: Top artists, 4 weeks could not be synced']
  expect(await sent(listener)).toEqual(both)
  await endWait(harness, run)
  expect(await sent(listener)).toEqual(both)
})

test('a failed stream can be re-run while the old run waits; its success resolves the alert', async ({
  harness,
  listener,
}) => {
  const run = await halfFailed(harness, listener)
  await harness.configure({ clearFaults: true })
  await expect(rerun(asViewer(listener), run.id, { streams: [SAVED] })).rejects.toMatchObject({
    code: 'already-running',
  })
  const again = await rerun(asViewer(listener), run.id, { streams: [TOP] })
  expect(again).toMatchObject({ leftOut: [], underWay: [], run: { rerunOf: run.id } })
  // Two at once read it once.
  await expect(rerun(asViewer(listener), run.id, { streams: [TOP] })).rejects.toMatchObject({ status: 409 })
  await runJobs(again.requests)
  expect((await runOf(again.run.id)).streams[TOP]).toMatchObject({ problem: null })
  expect(await sent(listener)).toEqual([
    'failed: Top songs, 4 weeks could not be synced',
    'recovered: Top songs, 4 weeks is syncing again',
  ])
  expect((await me({ id: listener.userId })).troubles).toEqual([])
  expect(await runDetail(asViewer(listener), run.id)).toMatchObject({
    state: 'waiting',
    problem: null,
    failed: [],
    streams: expect.arrayContaining([
      expect.objectContaining({ stream: TOP, state: 'failed', recoveredAt: expect.any(String) }),
    ]),
  })
  // The old run still says what it left out, and that nothing is left to do.
  expect(await endWait(harness, run)).toMatchObject({
    state: 'incomplete',
    problem: `Top songs, 4 weeks: ${run.streams[TOP]?.problem}`,
    remedy: 'Nothing to do: a later sync has read it.',
  })
  expect(await sent(listener)).toHaveLength(2)
})

test('a re-run that fails again leaves one alert, and can be repeated', async ({ harness, listener }) => {
  const run = await halfFailed(harness, listener)
  for (let again = 0; again < 2; again++)
    await runJobs((await rerun(asViewer(listener), run.id, { streams: [TOP] })).requests)
  expect(await sent(listener)).toEqual(['failed: Top songs, 4 weeks could not be synced'])
  expect(await runDetail(asViewer(listener), run.id)).toMatchObject({ failed: [TOP] })
})

test('a waiting run does not hold back the scheduled polls of its failed streams', async ({ harness, listener }) => {
  const run = await halfFailed(harness, listener)
  await db().schedule.updateMany({
    where: { userId: listener.userId, group: 'top lists' },
    data: { paused: false, nextAt: new Date(0) },
  })
  await harness.configure({ clearFaults: true })
  await runJobs((await plan(new Date())).requests)
  const { userId } = listener
  expect(
    await db().streamRun.count({ where: { userId, stream: TOP, state: { in: ['succeeded', 'nothing_new'] } } }),
  ).toBe(2)
  expect(await sent(listener)).toContain('recovered: Top songs, 4 weeks is syncing again')
  expect((await runOf(run.id)).state).toBe('waiting')
})

test('the shell shows every open run, and the one that makes progress although a newer one has ended', async ({
  harness,
  listener,
}) => {
  const { userId } = listener
  const waiting = await halfFailed(harness, listener)
  const active = await createRun({ userId, trigger: 'manual', streams: [ALBUMS] })
  await runNow(harness, userId, [PLAYS])
  const { lastRun, openRuns } = await me({ id: userId })
  expect(openRuns).toMatchObject([
    { id: active?.id, state: 'queued', waitingUntil: null },
    { id: waiting.id, state: 'waiting', waitingUntil: expect.any(String) },
  ])
  expect(lastRun).toMatchObject({ id: active?.id, state: 'queued' })
})

test('a stream that is skipped in a waiting run is notified at once too', async ({ harness, listener }) => {
  const run = await halfFailed(harness, listener, 403)
  expect(run.streams[TOP]?.state).toBe('skipped')
  expect(await sent(listener)).toEqual(['incomplete: Top songs, 4 weeks is incomplete'])
  await endWait(harness, run)
  expect(await sent(listener)).toHaveLength(1)
})

test('reports a failed stream while another waits for the landing folder', async ({ harness, listener }) => {
  const folder = join(harness.folder, 'real', 'landing', 'raw_data', 'to_process', SAVED, listener.userId)
  rmSync(folder, { recursive: true, force: true })
  writeFileSync(folder, 'a file where the folder should be')
  await harness.configure({
    faults: [{ match: { path: '/me/top/tracks' }, times: 1000, fault: { kind: 'status', status: 500 } }],
    changes: [{ what: 'like', listener: listener.name }],
  })
  const run = await runNow(harness, listener.userId, [SAVED, TOP])
  expect(run.streams[SAVED]).toMatchObject({ state: 'waiting', waitReason: 'other' })
  expect(await sent(listener)).toEqual(['failed: Top songs, 4 weeks could not be synced'])
  rmSync(folder)
})

test('reports a failed stream in a slow run after five minutes', async ({ harness, listener }) => {
  const run = await halfFailed(harness, listener)
  await db().alert.deleteMany({ where: { userId: listener.userId } })
  await db().message.deleteMany()
  await db().streamRun.updateMany({ where: { runId: run.id, stream: SAVED }, data: { state: 'running' } })
  await notifyOpenRuns()
  expect(await sent(listener)).toEqual([])
  await notifyOpenRuns(new Date(Date.now() + 6 * MINUTE))
  expect(await sent(listener)).toEqual(['failed: Top songs, 4 weeks could not be synced'])
})
