import { expect } from 'vitest'
import { me } from '#lib/accounts/status.ts'
import { NOTIFICATION_EVENTS } from '#lib/api/lists.ts'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { jitterOf } from '#lib/core/jitter.ts'
import { db } from '#lib/db.ts'
import { adminOverview } from '#lib/ops/admin.ts'
import { watchLongRuns } from '#lib/ops/long-runs.ts'
import { watchStale } from '#lib/ops/stale-watch.ts'
import { runDetail } from '#lib/runs/run-responses.ts'
import { recoverStreamRuns } from '#lib/schedule/plan.ts'
import { nextDue, PERISHABLE } from '#lib/schedule/timetable.ts'
import { closeRun } from '#lib/sync/close-run.ts'
import { cancel, orderRun } from '#lib/sync/order-run.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { runJobs, runNow, runToEnd } from '#testing/sync/run-jobs.ts'
import { Content, openAlert, resolveAlert } from './alerts.ts'
import { addChannel, channelsOf, removeChannel } from './channels.ts'
import { sendMessages } from './send.ts'
import { sendWeeklySummaries } from './weekly-summary.ts'

test.override('options', [{ WEBHOOKS_TO_LOOPBACK: '1', PLAN_EVERY: '5m' }])

/** Which messages real runs against the simulated Spotify write. */

const SAVED = 'user_saved_tracks_stream'
const ALBUMS = 'user_saved_albums_stream'
const PLAYS = 'user_recently_played_stream'

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
})
test.beforeEach(async ({ harness, listener: { userId, runId } }) => {
  await db().user.update({ where: { id: userId }, data: { zone: 'Europe/Berlin' } })
  await addChannel(
    { id: userId },
    { kind: 'webhook', label: 'all', address: 'http://127.0.0.1:9/', events: [...NOTIFICATION_EVENTS] },
  )
  await runToEnd(harness, runId, [SAVED, ALBUMS, PLAYS])
  await db().message.deleteMany()
})

async function sent({ userId }: TestListener) {
  const messages = await db().message.findMany({ where: { channel: { userId } }, orderBy: { id: 'asc' } })
  return messages.map(({ event, content }) => ({ event, ...Content.parse(content) }))
}

const refuse = (harness: Harness, path: string) =>
  harness.configure({ faults: [{ match: { path }, times: 1000, fault: { kind: 'status', status: 500 } }] })

test('a stream that fails in every run is notified once, and once when it works again', async ({
  harness,
  listener,
}) => {
  await refuse(harness, '/me/tracks')
  const first = await runNow(harness, listener.userId, [SAVED, PLAYS])
  expect(first.streams[SAVED]?.state).toBe('failed')
  for (let again = 0; again < 2; again++) await runNow(harness, listener.userId, [SAVED])
  const [failed, ...more] = (await sent(listener)).filter(({ event }) => event !== 'succeeded')
  expect(more).toEqual([])
  expect(failed).toMatchObject({
    event: 'failed',
    title: 'Liked songs could not be synced',
    facts: { Stream: 'Liked songs', Run: expect.stringContaining(first.id) },
    problem: first.streams[SAVED]?.problem,
    remedy: first.streams[SAVED]?.remedy,
    path: `/runs/${first.id}`,
  })
  await harness.configure({ clearFaults: true })
  await runNow(harness, listener.userId, [SAVED])
  await runNow(harness, listener.userId, [SAVED])
  expect((await sent(listener)).map(({ event }) => event).filter((event) => event !== 'succeeded')).toEqual([
    'failed',
    'recovered',
  ])
})

test('alerts are on the pages without any channel, and also if a channel fails', async ({
  harness,
  listener: { userId },
}) => {
  await refuse(harness, '/me/tracks')
  const run = await runNow(harness, userId, [SAVED])
  await sendMessages()
  const { problem, remedy } = run.streams[SAVED] ?? {}
  const alert = { title: 'Liked songs could not be synced', problem, remedy, path: `/runs/${run.id}` }
  expect(await me({ id: userId })).toMatchObject({
    troubles: [{ ...alert, since: expect.any(String) }],
    telling: { isTold: true, failing: [{ label: 'all', problem: expect.stringContaining('cannot be reached') }] },
  })
  expect(problem).not.toContain('cannot be reached')
  expect(await runDetail({ id: userId, isAdmin: false }, run.id)).toMatchObject({ streams: [{ problem, remedy }] })
  for (const { id } of (await channelsOf({ id: userId })).channels) await removeChannel({ id: userId }, id)
  expect(await me({ id: userId })).toMatchObject({ troubles: [alert], telling: { isTold: false, failing: [] } })
  const seen = { id: userId, troubles: [alert.title], since: expect.any(String) }
  expect((await adminOverview()).troubled.listeners).toContainEqual(expect.objectContaining(seen))
  await harness.configure({ clearFaults: true })
  await runNow(harness, userId, [SAVED])
  expect(await me({ id: userId })).toMatchObject({ troubles: [] })
  expect((await adminOverview()).troubled.listeners).not.toContainEqual(expect.objectContaining({ id: userId }))
})

test('a failure that is announced after the stream has recovered is not notified', async ({ harness, listener }) => {
  await refuse(harness, '/me/tracks')
  const failed = await runNow(harness, listener.userId, [SAVED])
  await harness.configure({ clearFaults: true })
  await runNow(harness, listener.userId, [SAVED])
  await db().message.deleteMany()
  await closeRun(failed.id)
  expect(await sent(listener)).toEqual([])
})

test('neither an earlier success that is announced late nor cancelling a run resolves an alert', async ({
  harness,
  listener,
}) => {
  const good = await runNow(harness, listener.userId, [SAVED])
  await refuse(harness, '/me/tracks')
  await runNow(harness, listener.userId, [SAVED])
  await db().message.deleteMany()
  await closeRun(good.id)
  expect(await sent(listener)).toEqual([])
  expect(await db().alert.count({ where: { userId: listener.userId, endedAt: null } })).toBe(1)
  const viewer = { id: listener.userId, isAdmin: false }
  expect(await cancel(viewer, good.id)).toMatchObject({
    isStopped: false,
    run: { state: good.state.replace('_', ' ') },
  })
  const waiting = await orderRun(listener.userId, 'manual', { names: [SAVED] })
  expect(await cancel(viewer, waiting?.id ?? '')).toMatchObject({ isStopped: true, run: { state: 'cancelled' } })
})

test('several failed streams of a run are one message; closing the run twice adds none', async ({
  harness,
  listener,
}) => {
  await refuse(harness, '/me/(tracks|albums)')
  const run = await runNow(harness, listener.userId, [SAVED, ALBUMS, PLAYS])
  await closeRun(run.id)
  const messages = (await sent(listener)).filter(({ event }) => event !== 'succeeded')
  expect(messages).toHaveLength(1)
  expect(messages[0]).toMatchObject({
    title: '2 streams could not be synced',
    facts: { Streams: 'Liked songs, Saved albums' },
  })
  await harness.configure({ clearFaults: true })
  await runNow(harness, listener.userId, [SAVED, ALBUMS])
  expect((await sent(listener)).filter(({ event }) => event === 'recovered')).toHaveLength(1)
})

test('a message about several streams lists each problem with its remedy', async ({ listener }) => {
  const { runId } = await db().streamRun.findFirstOrThrow({ where: { userId: listener.userId, stream: SAVED } })
  const failed = (stream: string, problem: string, remedy: string) =>
    db().streamRun.updateMany({
      where: { runId, stream },
      data: { state: 'failed', problem, remedy, endedAt: new Date() },
    })
  await failed(SAVED, 'Spotify is away', 'Wait.')
  await failed(ALBUMS, 'The disk is full', 'Make room.')
  await closeRun(runId)
  const [message] = await sent(listener)
  expect(message).toMatchObject({
    problem: '2 streams, for different reasons',
    remedy: null,
    facts: { 'Liked songs': 'Spotify is away. Wait.', 'Saved albums': 'The disk is full. Make room.' },
  })
})

test('a channel that was not notified of a failure is not notified of its recovery', async ({
  harness,
  listener: { userId },
}) => {
  const listener = { id: userId }
  const only = { kind: 'webhook', address: 'http://127.0.0.1:9/' } as const
  await addChannel(listener, { ...only, label: 'no failures', events: ['incomplete', 'recovered'] })
  await refuse(harness, '/me/tracks')
  await runNow(harness, userId, [SAVED])
  await openAlert(userId, { kind: 'warehouse' }, { problem: 'x', remedy: null })
  await addChannel(listener, { ...only, label: 'later', events: ['failed', 'recovered'] })
  await harness.configure({ clearFaults: true })
  await runNow(harness, userId, [SAVED])
  await resolveAlert(userId, { kind: 'warehouse' })
  const recovered = await db().message.findMany({
    where: { event: 'recovered', channel: { userId } },
    include: { channel: true },
  })
  expect(recovered.map(({ channel }) => channel.label)).toEqual(['all', 'all'])
})

test('a part that cannot be read is notified once as incomplete', async ({ harness, listener }) => {
  await harness.configure({
    faults: [{ match: { path: '/me/albums' }, times: 1000, fault: { kind: 'status', status: 403 } }],
  })
  const run = await runNow(harness, listener.userId, [ALBUMS, PLAYS])
  await runNow(harness, listener.userId, [ALBUMS])
  const events = (await sent(listener)).map(({ event }) => event)
  expect(run.state).toBe('incomplete')
  expect(events.filter((event) => event === 'incomplete')).toHaveLength(1)
  expect(events).not.toContain('failed')
})

test('a run with changes is notified as succeeded, one without is not', async ({ harness, listener }) => {
  await runNow(harness, listener.userId, [PLAYS])
  expect(await sent(listener)).toEqual([])
  await harness.configure({ changes: [{ what: 'play', listener: listener.name, count: 3 }] })
  const run = await runNow(harness, listener.userId, [PLAYS])
  expect(await sent(listener)).toMatchObject([
    { event: 'succeeded', facts: { 'New rows': String(run.streams[PLAYS]?.rowsNew) }, path: `/runs/${run.id}` },
  ])
})

test('an ended consent is notified at once and once, and failures because of it are not', async ({
  harness,
  listener,
}) => {
  await harness.configure({ listeners: { [listener.name]: { consent: 'expired' } } })
  const run = await runNow(harness, listener.userId, [SAVED, ALBUMS])
  expect(run.state).toBe('failed')
  await closeRun(run.id)
  expect(await sent(listener)).toMatchObject([
    { event: 'consent ending', title: 'Reconnect Spotify', path: '/connections' },
  ])
})

test('failures because of a paused app are not notified', async ({ listener }) => {
  await db().spotifyApp.updateMany({ data: { problem: 'Premium lapsed' } })
  const { runId } = await db().streamRun.findFirstOrThrow({ where: { userId: listener.userId, stream: SAVED } })
  await db().streamRun.updateMany({ where: { runId, stream: SAVED }, data: { state: 'failed' } })
  await closeRun(runId)
  await db().spotifyApp.updateMany({ data: { problem: null } })
  expect((await sent(listener)).map(({ event }) => event)).not.toContain('failed')
})

/** When the second scheduled poll after the last one is due. */
async function secondDue({ userId }: TestListener): Promise<Date> {
  const poll = await db().poll.findFirstOrThrow({ where: { userId }, orderBy: { at: 'desc' } })
  const timetable = await db().schedule.findUniqueOrThrow({ where: { userId_group: { userId, group: PERISHABLE } } })
  const query = { zone: 'Europe/Berlin', jitter: jitterOf(userId), timetable }
  return nextDue(PERISHABLE, { ...query, after: nextDue(PERISHABLE, { ...query, after: poll.at }) })
}

async function staleNews(listener: TestListener): Promise<string[]> {
  return (await sent(listener)).filter(({ title }) => title.includes('Recently played')).map(({ event }) => event)
}

/** Watches until an instant, as the planning ticks do. */
async function watchUntil(end: number, from = Date.now()): Promise<void> {
  for (let at = from; at <= end; at += 5 * MINUTE) await watchStale(new Date(at), new Date(at - 5 * MINUTE))
}

test('two missed polls are notified once, and once when they are resolved', async ({ listener }) => {
  const due = (await secondDue(listener)).getTime()
  await watchUntil(due + 10 * MINUTE)
  expect(await staleNews(listener)).toEqual([])
  await watchUntil(due + 60 * MINUTE, due + 11 * MINUTE)
  expect(await staleNews(listener)).toEqual(['failed'])
  const { id } = await db().run.findFirstOrThrow({ where: { userId: listener.userId } })
  expect((await sent(listener)).at(-1)).toMatchObject({
    path: `/runs/${id}`,
    facts: { 'Last run': expect.stringContaining(id) },
  })
  await db().poll.create({
    data: { id: `poll-${listener.userId}`, userId: listener.userId, at: new Date(due + HOUR), count: 0, newCount: 0 },
  })
  await db().alert.updateMany({ where: { userId: listener.userId }, data: { beganAt: new Date(due) } })
  await watchUntil(due + 61 * MINUTE, due + 61 * MINUTE)
  expect(await staleNews(listener)).toEqual(['failed', 'recovered'])
})

test('polls missed while paused or while the instance was down do not count', async ({ listener }) => {
  const due = (await secondDue(listener)).getTime()
  await watchStale(new Date(due - HOUR), new Date(due - HOUR))
  // It is back a day later: missed polls don't count, but from now on polls are due again.
  const back = due + DAY
  await watchStale(new Date(back), new Date(due))
  expect(await staleNews(listener)).toEqual([])
  await db().schedule.updateMany({ where: { userId: listener.userId }, data: { paused: true } })
  await watchUntil(back + 2 * DAY, back + 2 * DAY)
  await db().schedule.updateMany({ where: { userId: listener.userId }, data: { paused: false } })
  await watchUntil(back + 2 * DAY + 20 * MINUTE, back + 2 * DAY + 5 * MINUTE)
  expect(await staleNews(listener)).toEqual([])
  await watchUntil(back + 3 * DAY, back + 3 * DAY)
  expect(await staleNews(listener)).toEqual(['failed'])
})

test('pausing while late ends the alert without a message', async ({ listener }) => {
  const due = (await secondDue(listener)).getTime()
  await watchUntil(due + HOUR, due + HOUR - 10 * MINUTE)
  await watchUntil(due + 2 * DAY, due + 2 * DAY)
  expect(await staleNews(listener)).toEqual(['failed'])
  await db().schedule.updateMany({ where: { userId: listener.userId }, data: { paused: true } })
  await watchUntil(due + 2 * DAY + 5 * MINUTE, due + 2 * DAY + 5 * MINUTE)
  expect(await db().alert.count({ where: { userId: listener.userId, endedAt: null } })).toBe(0)
  expect(await staleNews(listener)).toEqual(['failed'])
})

test('a stream that waits for more than a day is notified once, and once when it was read', async ({
  harness,
  listener,
}) => {
  await harness.configure({
    faults: [{ match: { path: '/me/tracks' }, times: 1000, fault: { kind: 'quota', retryAfter: 3600 } }],
  })
  const run = await runNow(harness, listener.userId, [SAVED])
  expect(run.state).toBe('waiting')
  const watch = (hours: number) => watchLongRuns(new Date(Date.now() + hours * HOUR))
  await watch(23)
  expect(await sent(listener)).toEqual([])
  for (const hours of [25, 26, 50]) await watch(hours)
  expect(await sent(listener)).toMatchObject([
    {
      event: 'failed',
      title: 'Liked songs could not be synced',
      facts: { Stream: 'Liked songs', 'In progress': 'for more than a day' },
      problem: 'Spotify accepts no more requests of this kind today',
      path: `/runs/${run.id}`,
    },
  ])
  await harness.configure({ clearFaults: true })
  await db().quotaGroup.deleteMany()
  await runJobs(await recoverStreamRuns(new Date(Date.now() + 2 * HOUR)))
  expect((await sent(listener)).map(({ event }) => event).filter((event) => event !== 'succeeded')).toEqual([
    'failed',
    'recovered',
  ])
  await watch(26)
  expect(await sent(listener)).toHaveLength(2)
})

test('loads that wait for more than a day are one alert, for any number of streams', async ({ listener }) => {
  const waiting = {
    state: 'waiting',
    phase: 'loading',
    problem: 'The warehouse file is in use by another process',
  } as const
  await db().streamRun.updateMany({ where: { userId: listener.userId }, data: waiting })
  await watchLongRuns(new Date(Date.now() + 25 * HOUR))
  expect(await sent(listener)).toMatchObject([
    { event: 'failed', title: 'New data is not being loaded', problem: waiting.problem },
  ])
  await watchLongRuns(new Date(Date.now() + 26 * HOUR))
  await db().streamRun.updateMany({
    where: { userId: listener.userId },
    data: { state: 'succeeded', phase: null, problem: null },
  })
  for (const hours of [26, 27]) await watchLongRuns(new Date(Date.now() + hours * HOUR))
  expect((await sent(listener)).map(({ event, title }) => [event, title])).toEqual([
    ['failed', 'New data is not being loaded'],
    ['recovered', 'New data is being loaded again'],
  ])
})

test('the weekly summary says at least if plays of the week are missing', async ({ listener }) => {
  const { userId } = listener
  const poll = (at: string, oldest: string, overlapped: boolean | null) => ({
    id: `${userId} ${at}`,
    userId,
    at: new Date(at),
    oldest: new Date(oldest),
    newest: new Date(at),
    count: 50,
    newCount: 50,
    overlapped,
  })
  await db().poll.createMany({
    data: [
      poll('2026-11-17T12:00:00Z', '2026-11-17T08:00:00Z', null),
      poll('2026-11-19T12:00:00Z', '2026-11-19T08:00:00Z', false),
    ],
  })
  await sendWeeklySummaries(new Date('2026-11-23T08:00:00Z'))
  const [week] = await sent(listener)
  expect(week?.facts).toMatchObject({ plays: expect.stringMatching(/^at least \d+$/) })
})

test('the weekly summary comes once on Monday, with its figures', async ({ listener }) => {
  await sendWeeklySummaries(new Date('2026-11-23T07:59:00Z'))
  expect(await sent(listener)).toEqual([])
  await sendWeeklySummaries(new Date('2026-11-23T08:00:00Z'))
  await sendWeeklySummaries(new Date('2026-11-23T08:15:00Z'))
  const [week, ...more] = await sent(listener)
  expect(more).toEqual([])
  expect(week).toMatchObject({
    event: 'weekly summary',
    facts: { Week: '16 Nov to 22 Nov', plays: expect.any(String), minutes: expect.any(String) },
    path: '/overview',
  })
})
