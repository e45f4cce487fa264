import { expect } from 'vitest'
import { HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { recoverStreamRuns } from '#lib/schedule/plan.ts'
import { test } from '#testing/sync/fixture.ts'
import { runToEnd } from '#testing/sync/run-jobs.ts'
import { forgetQuota, quotaStatus } from './quota-status.ts'

async function accountOf(name: string) {
  const { accounts } = await quotaStatus({ limit: 100 })
  const account = accounts.find((one) => one.account === name)
  if (!account) throw new Error(`there is no account ${name}`)
  return { ...account, group: (name: string) => account.groups.find(({ group }) => group === name) }
}

function app(clientId: string, developerAccount: string) {
  return db().spotifyApp.create({ data: { clientId, developerAccount } })
}

function used(developerAccount: string, group: string, requests: number, hoursAgo = 0) {
  const hour = new Date(Math.floor(Date.now() / HOUR) * HOUR - hoursAgo * HOUR)
  return db().quotaHour.create({ data: { developerAccount, group, hour, requests } })
}

test('a developer account shows the requests of a first run and those its schedules need', async ({ harness }) => {
  const { runId, userId } = await harness.signIn('load-1')
  await runToEnd(harness, runId, ['user_saved_tracks_stream', 'user_recently_played_stream'])
  const streamRuns = await db().streamRun.findMany({ where: { runId } })
  const { spotifyApp } = await db().account.findFirstOrThrow({ where: { userId }, include: { spotifyApp: true } })
  const account = await accountOf(spotifyApp?.developerAccount ?? '')
  expect(account.apps).toMatchObject([{ owner: null, listeners: 1, pausedUntil: null }])
  expect(account.used).toBe(streamRuns.reduce((sum, { requests }) => sum + requests, 0))
  expect(account).toMatchObject({ limit: null, reserve: null })
  // Every 30 minutes from 6:00 to midnight, every 2 hours at night.
  expect(account.group('player')).toMatchObject({
    used: 1,
    isKnown: false,
    planned: 39,
    fits: true,
    blockedUntil: null,
  })
  expect(account.group('library')?.usedInWindow).toBe(account.group('library')?.used)
})

test('apps of one developer are grouped, and known limits differ from assumed ones', async () => {
  await app('one', 'sisters')
  await app('two', 'sisters')
  const until = new Date(Date.now() + 20 * HOUR)
  await used('sisters', 'library', 590, 3)
  await used('sisters', 'top', 40)
  await used('sisters', 'player', 5)
  const sisters = { developerAccount: 'sisters' }
  await db().quotaGroup.create({ data: { ...sisters, group: 'library', dayLimit: 600 } })
  await db().quotaGroup.create({ data: { ...sisters, group: 'player', blockedUntil: until } })
  const account = await accountOf('sisters')
  expect(account.apps.map(({ clientId }) => clientId)).toEqual(['one', 'two'])
  expect(account.used).toBe(635)
  expect(account.group('library')).toMatchObject({ limit: 600, isKnown: true, heldBy: 'budget' })
  expect(account.group('top')).toMatchObject({ used: 40, isKnown: false, heldUntil: null })
  expect(account.group('player')).toMatchObject({ blockedUntil: until.toISOString() })
  expect(account.group('catalogue')).toBeUndefined()
})

test('accounts are paged', async () => {
  await app('last', 'zz last')
  const first = await quotaStatus({ limit: 1 })
  expect(first.accounts).toHaveLength(1)
  const rest = await quotaStatus({ limit: 100, cursor: first.next ?? '' })
  expect(rest.next).toBeNull()
  expect(rest.accounts.map(({ account }) => account)).not.toContain(first.accounts[0]?.account)
  expect(rest.accounts.at(-1)?.account).toBe('zz last')
})

test('forgetting learned limits wakes the runs that wait at them, but keeps Spotify’s blocks', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-2')
  const known = { developerAccount: 'forgetful' }
  const { id } = await app('forgetful', 'forgetful')
  await db().account.updateMany({ where: { userId }, data: { spotifyAppId: id } })
  const until = new Date(Date.now() + 20 * HOUR)
  await used('forgetful', 'library', 590, 3)
  await db().quotaGroup.create({ data: { ...known, group: 'library', dayLimit: 60, learnedAt: new Date() } })
  await db().quotaGroup.create({ data: { ...known, group: '*', dayLimit: 70, learnedAt: new Date() } })
  await db().quotaGroup.create({ data: { ...known, group: 'top', blockedUntil: until } })
  await db().requestLimit.create({ data: { spotifyAppId: id, group: '*', windowLimit: 20 } })
  await db().streamRun.deleteMany({
    where: { runId, stream: { notIn: ['user_saved_tracks_stream', 'user_top_tracks_st_stream'] } },
  })
  const waits = (stream: string, waitReason: 'budget' | 'quota') =>
    db().streamRun.updateMany({ where: { runId, stream }, data: { state: 'waiting', waitingUntil: until, waitReason } })
  await waits('user_saved_tracks_stream', 'budget')
  await waits('user_top_tracks_st_stream', 'quota')

  await forgetQuota('admin', 'forgetful')
  const account = await accountOf('forgetful')
  expect(account).toMatchObject({ limit: null, reserve: null, apps: [{ windowLimit: null }] })
  expect(account.group('library')).toMatchObject({ isKnown: false, heldUntil: null })
  expect(account.group('top')).toMatchObject({ blockedUntil: until.toISOString() })
  const taken = (await recoverStreamRuns(new Date())).map(({ streamRunId }) => streamRunId)
  const { id: liked } = await db().streamRun.findFirstOrThrow({ where: { runId, stream: 'user_saved_tracks_stream' } })
  expect(taken).toEqual([liked])
  expect(await db().auditEvent.findFirst({ orderBy: { id: 'desc' } })).toMatchObject({
    actor: 'admin',
    action: 'forgot learned limits',
    subject: 'forgetful',
  })
  await expect(forgetQuota('admin', 'nobody')).rejects.toMatchObject({ status: 404 })
})

test('the shown usage counts whole hours, as the limit does', async () => {
  await app('whole', 'whole hours')
  await used('whole hours', 'library', 600, 24)
  await db().quotaGroup.create({ data: { developerAccount: 'whole hours', group: 'library', dayLimit: 600 } })
  expect((await accountOf('whole hours')).group('library')).toMatchObject({ used: 600, heldBy: 'budget' })
})
