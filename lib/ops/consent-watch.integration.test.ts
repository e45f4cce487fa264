import { expect } from 'vitest'
import { connectListener } from '#lib/accounts/connect.ts'
import { connections, me } from '#lib/accounts/status.ts'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { saveApp } from '#lib/quota/app-credentials.ts'
import { plan } from '#lib/schedule/plan.ts'
import { CONSENT_MS } from '#lib/spotify/accounts.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { runJobs, runNow, runOf, runToEnd } from '#testing/sync/run-jobs.ts'
import { watchConsent } from './consent-watch.ts'
import { probeNow } from './probe-app.ts'

const SAVED = 'user_saved_tracks_stream'
const TOP = 'user_top_tracks_st_stream'
const PLAYS = 'user_recently_played_stream'
const OWN = 'c'.repeat(32)

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
  await db().user.deleteMany()
  await db().spotifyApp.updateMany({ data: { problem: null, problemSince: null, probeAt: null } })
})

async function listenFor({ userId }: TestListener, ...events: string[]): Promise<void> {
  await db().notificationChannel.create({
    data: { id: `channel of ${userId}`, userId, kind: 'ntfy', label: 'phone', target: 'sealed', events },
  })
}

async function titlesSent(): Promise<string[]> {
  const messages = await db().message.findMany({ orderBy: { createdAt: 'asc' } })
  return messages.map(({ content }) => (content as { title: string }).title)
}

test('reminders are sent 30, 7 and 1 days before a consent ends, once each', async ({ harness, listener }) => {
  await listenFor(listener, 'consent ending')
  const authorizedAt = new Date('2026-05-01T08:00:00.000Z')
  await db().account.updateMany({ where: { userId: listener.userId }, data: { authorizedAt } })
  const endsAt = authorizedAt.getTime() + CONSENT_MS
  const titles: [number, string[]][] = []
  for (const days of [31, 29, 28, 6.5, 3, 0.75, 0.5]) {
    for (const _ of ['once', 'again']) await watchConsent(new Date(endsAt - days * DAY))
    titles.push([days, await titlesSent()])
  }
  const [month, week, day] = ['29 days', '7 days', '18 hours'].map(
    (left) => `Your Spotify connection expires in ${left}`,
  )
  expect(titles).toEqual([
    [31, []],
    [29, [month]],
    [28, [month]],
    [6.5, [month, week]],
    [3, [month, week]],
    [0.75, [month, week, day]],
    [0.5, [month, week, day]],
  ])
  await harness.signIn(listener.name)
  await watchConsent(new Date())
  expect(await titlesSent()).toHaveLength(3)
})

test('reminded listeners do not block reminders of others', async ({ harness, listener }) => {
  const authorizedAt = new Date('2026-05-01T08:00:00.000Z')
  await listenFor(listener, 'consent ending')
  ;({ userId: listener.userId } = await harness.signIn(`${listener.name}00`))
  await listenFor(listener, 'consent ending')
  await db().account.updateMany({ data: { authorizedAt } })
  const soon = new Date(authorizedAt.getTime() + CONSENT_MS - 6 * DAY)
  for (const expected of [1, 2, 2]) {
    await watchConsent(soon, 1)
    expect(await titlesSent()).toEqual(Array(expected).fill('Your Spotify connection expires in 6 days'))
  }
})

test('an expired consent stops everything after one request, is notified once, and continues after reconnecting', async ({
  harness,
  listener,
}) => {
  await runToEnd(harness, listener.runId, [SAVED, PLAYS])
  await listenFor(listener, 'consent ending')
  const account = await db().account.findFirstOrThrow({ where: { userId: listener.userId } })
  await harness.configure({ listeners: { [listener.name]: { consent: 'expired' } } })
  await db().account.updateMany({ where: { userId: listener.userId }, data: { expires_at: 0 } })
  const before = (await harness.stats()).requests['/api/token'] ?? 0
  const run = await runNow(harness, listener.userId, [SAVED, PLAYS, TOP])
  expect(run.state).toBe('failed')
  for (const streamRun of Object.values(run.streams))
    expect(streamRun).toMatchObject({
      state: 'failed',
      attempt: 1,
      requests: 0,
      remedy: expect.stringContaining('Reconnect'),
    })
  expect((await harness.stats()).requests['/api/token']).toBe(before + 1)
  const last = await db().poll.findFirstOrThrow({ where: { userId: listener.userId } })
  expect((await connections({ id: listener.userId })).spotify).toMatchObject({
    state: 'reconnect',
    gap: { state: 'growing', from: last.at.toISOString() },
  })
  await watchConsent(new Date())
  await watchConsent(new Date())
  expect(await titlesSent()).toEqual(['Reconnect Spotify'])

  await db().account.update({ where: { id: account.id }, data: { authorizedAt: new Date(0) } })
  const again = await harness.signIn(listener.name)
  expect((await connections({ id: listener.userId })).spotify.gap).toMatchObject({ state: 'not known yet' })
  const ended = await runToEnd(harness, again.runId, [SAVED, PLAYS])
  expect(ended.streams[SAVED]).toMatchObject({ state: 'nothing_new', requests: 1 })
  expect((await connections({ id: listener.userId })).spotify.gap).toMatchObject({ state: 'none' })
  await db().poll.updateMany({ where: { userId: listener.userId, at: { gt: last.at } }, data: { overlapped: false } })
  expect((await connections({ id: listener.userId })).spotify.gap).toMatchObject({
    state: 'missing',
    from: last.newest?.toISOString(),
  })
  expect(await db().alert.count({ where: { userId: listener.userId, kind: 'consent', endedAt: null } })).toBe(0)
})

/** Switches the listener to their own Spotify app. */
async function toOwnApp(harness: Harness, { name, userId }: TestListener): Promise<string> {
  await harness.configure({ apps: { [OWN]: { clientSecret: 'd'.repeat(32) } } })
  const { id } = await saveApp(
    { clientId: OWN, clientSecret: 'd'.repeat(32) },
    { developerAccount: null, ownerId: userId },
  )
  const profile = { accountId: `account-${name}`, userId: name, name: name, image: null }
  await connectListener(userId, profile, await harness.grant(name, OWN), { appId: id, byDefault: false })
  return id
}

test('a lapsed Premium pauses the app but no other, and an hourly probe finds when it is back', async ({
  harness,
  listener,
}) => {
  await listenFor(listener, 'failed', 'recovered')
  const appId = await toOwnApp(harness, listener)
  const other = await harness.signIn(`${listener.name}00`)
  await db().schedule.deleteMany({ where: { userId: other.userId } })
  await runToEnd(harness, listener.runId, [SAVED])
  await harness.configure({ apps: { [OWN]: { premiumLapsed: true } } })

  const run = await runNow(harness, listener.userId, [SAVED, TOP, PLAYS])
  expect(run.state).toBe('waiting')
  const total = Object.values(run.streams).reduce((sum, { requests }) => sum + requests, 0)
  expect(total).toBeLessThanOrEqual(2)
  const paused = await db().spotifyApp.findUniqueOrThrow({ where: { id: appId } })
  expect(paused.problem).toContain('Premium')
  expect((await me({ id: listener.userId })).pausedApp).toMatchObject({
    isOwn: true,
    since: paused.problemSince?.toISOString(),
  })
  expect((await me({ id: other.userId })).pausedApp).toBeNull()

  expect((await runToEnd(harness, other.runId, [SAVED])).state).toBe('succeeded')

  // Nothing new is planned, and a waiting run whose time comes before the probe makes no request.
  const before = (await harness.stats()).requests
  await db().schedule.updateMany({ where: { userId: listener.userId }, data: { nextAt: new Date(0) } })
  const runs = await db().run.count({ where: { userId: listener.userId } })
  await runJobs((await plan(new Date(Date.now() + 3 * HOUR))).requests)
  await watchConsent(new Date(Date.now() + 5 * MINUTE))
  expect((await harness.stats()).requests).toEqual(before)
  expect(await db().run.count({ where: { userId: listener.userId } })).toBe(runs)

  // Nobody is notified before a second response agrees.
  const watchIn = (hours: number) => watchConsent(new Date(Date.now() + hours * HOUR))
  expect(await db().alert.count({ where: { kind: 'premium' } })).toBe(0)
  const profiles = (await harness.stats()).requests['/me'] ?? 0
  for (const _ of ['one', 'same hour']) await watchIn(0.2)
  expect((await harness.stats()).requests['/me']).toBe(profiles + 1)
  expect(await db().alert.count({ where: { userId: listener.userId, kind: 'premium', endedAt: null } })).toBe(1)

  await harness.configure({ apps: { [OWN]: { premiumLapsed: false } } })
  await watchIn(2.2)
  expect((await me({ id: listener.userId })).pausedApp).toBeNull()
  await runJobs((await plan(new Date(Date.now() + 3 * HOUR))).requests)
  expect((await runOf(run.id)).state).toBe('succeeded')
  expect(await titlesSent()).toEqual(['Syncing is paused: the app owner’s Premium has lapsed', 'Syncing has resumed'])
  const [lapse] = await db().message.findMany({ where: { event: 'failed' } })
  expect(lapse?.content).toMatchObject({
    path: `/runs/${run.id}`,
    facts: { 'Last run': expect.stringContaining(run.id) },
  })
})

test('probes a Premium reported as lapsed after 10 minutes, without notifying anyone', async ({
  harness,
  listener,
}) => {
  await listenFor(listener, 'failed', 'recovered')
  const appId = await toOwnApp(harness, listener)
  await harness.configure({
    faults: [
      {
        match: { path: '/me/tracks' },
        fault: {
          kind: 'status',
          status: 403,
          message: 'Active premium subscription required for the owner of the app',
        },
      },
    ],
  })
  const run = await runToEnd(harness, listener.runId, [SAVED])
  expect(run.state).toBe('waiting')
  expect(await db().spotifyApp.findUniqueOrThrow({ where: { id: appId } })).toMatchObject({ refusals: 1 })
  await watchConsent(new Date(Date.now() + 11 * MINUTE))
  await runJobs((await plan(new Date(Date.now() + 11 * MINUTE))).requests)
  expect((await runOf(run.id)).state).toBe('succeeded')
  expect(await db().spotifyApp.findUniqueOrThrow({ where: { id: appId } })).toMatchObject({
    problem: null,
    refusals: 0,
  })
  expect(await titlesSent()).toEqual([])
})

test('a manual probe ends the pause at once, but only for the listener’s own app', async ({ harness, listener }) => {
  const appId = await toOwnApp(harness, listener)
  await harness.configure({ apps: { [OWN]: { premiumLapsed: true } } })
  const run = await runToEnd(harness, listener.runId, [SAVED])
  expect(run.state).toBe('waiting')
  const stranger = await harness.signIn(`${listener.name}00`)
  const asStranger = { id: stranger.userId, isAdmin: false }
  await expect(probeNow(asStranger, OWN)).rejects.toMatchObject({ status: 404 })
  expect(await probeNow({ id: listener.userId, isAdmin: false }, null)).toEqual({ answers: false, requests: [] })
  await harness.configure({ apps: { [OWN]: { premiumLapsed: false } } })
  const { answers, requests } = await probeNow({ id: stranger.userId, isAdmin: true }, OWN)
  expect(answers).toBe(true)
  await runJobs(requests)
  expect((await runOf(run.id)).state).toBe('succeeded')
  expect(await db().spotifyApp.findUniqueOrThrow({ where: { id: appId } })).toMatchObject({
    problem: null,
    problemSince: null,
  })
})

test('the end of a lapse wakes the streams that wait for it, by reason and not by message', async ({
  harness,
  listener,
}) => {
  await toOwnApp(harness, listener)
  await harness.configure({ apps: { [OWN]: { premiumLapsed: true } } })
  const { streams } = await runToEnd(harness, listener.runId, [SAVED, TOP])
  const until = new Date(Date.now() + 20 * HOUR)
  const waits = (stream: string, data: { problem?: string; waitReason?: 'quota' }) =>
    db().streamRun.update({
      where: { runId_stream: { runId: listener.runId, stream } },
      data: { ...data, waitingUntil: until },
    })
  await waits(SAVED, { problem: 'Worded by an earlier version' })
  await waits(TOP, { waitReason: 'quota' })

  await harness.configure({ apps: { [OWN]: { premiumLapsed: false } } })
  const { answers, requests } = await probeNow({ id: listener.userId, isAdmin: false }, OWN)
  expect(answers).toBe(true)
  expect(requests.map(({ streamRunId }) => streamRunId)).toEqual([streams[SAVED]?.id])
  expect((await runOf(listener.runId)).streams[TOP]).toMatchObject({ state: 'waiting', waitingUntil: until })
})

test('an ended consent says nothing about the app: the probe uses another listener’s', async ({
  harness,
  listener,
}) => {
  const appId = await toOwnApp(harness, listener)
  await db().spotifyApp.update({ where: { id: appId }, data: { problem: 'lapsed', problemSince: new Date() } })
  const second = await harness.signIn(`${listener.name}00`)
  await db().account.updateMany({ where: { userId: second.userId }, data: { spotifyAppId: appId, expires_at: 0 } })
  await harness.configure({ listeners: { [`${listener.name}00`]: { consent: 'revoked' } } })
  await watchConsent(new Date())
  expect(await db().spotifyApp.findUniqueOrThrow({ where: { id: appId } })).toMatchObject({ problem: null })
})
