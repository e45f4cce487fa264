import { afterAll, beforeAll, expect, test } from 'vitest'
import { HOUR } from '../clock.ts'
import { db } from '../db.ts'
import { type Bed, makeBed } from '../pipeline/testing/bed.ts'
import { runToEnd } from '../pipeline/testing/drive.ts'
import { quotaOf } from './quota.ts'

let bed: Bed
beforeAll(async () => {
  bed = await makeBed()
})
afterAll(() => bed.stop())

async function accountOf(name: string) {
  const { accounts } = await quotaOf({ limit: 100 })
  const account = accounts.find((one) => one.account === name)
  if (!account) throw new Error(`there is no account ${name}`)
  return { ...account, group: (wanted: string) => account.groups.find(({ group }) => group === wanted) }
}

function app(clientId: string, developerAccount: string) {
  return db().spotifyApp.create({ data: { clientId, developerAccount } })
}

function used(developerAccount: string, group: string, requests: number, hoursAgo = 0) {
  const hour = new Date(Math.floor(Date.now() / HOUR) * HOUR - hoursAgo * HOUR)
  return db().quotaHour.create({ data: { developerAccount, group, hour, requests } })
}

test('what a first run asked and what its schedules need stands under its developer account', async () => {
  const { runId, userId } = await bed.signIn('load-1')
  await runToEnd(bed, runId, ['user_saved_tracks_stream', 'user_recently_played_stream'])
  const streamRuns = await db().streamRun.findMany({ where: { runId } })
  const { spotifyApp } = await db().account.findFirstOrThrow({ where: { userId }, include: { spotifyApp: true } })
  const account = await accountOf(spotifyApp?.developerAccount ?? '')
  expect(account.apps).toMatchObject([{ owner: null, listeners: 1, pausedUntil: null }])
  expect(account.used).toBe(streamRuns.reduce((sum, { requests }) => sum + requests, 0))
  expect(account).toMatchObject({ limit: null, reserve: null })
  // Every half hour from 6 to 24, every other hour at night.
  expect(account.group('player')).toMatchObject({
    used: 1,
    isKnown: false,
    planned: 39,
    fits: true,
    blockedUntil: null,
  })
  expect(account.group('library')?.usedInWindow).toBe(account.group('library')?.used)
})

test('apps of one developer stand together, limits that are known or guessed are told apart', async () => {
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

test('accounts come page by page', async () => {
  await app('last', 'zz last')
  const first = await quotaOf({ limit: 1 })
  expect(first.accounts).toHaveLength(1)
  const rest = await quotaOf({ limit: 100, cursor: first.next ?? '' })
  expect(rest.next).toBeNull()
  expect(rest.accounts.map(({ account }) => account)).not.toContain(first.accounts[0]?.account)
  expect(rest.accounts.at(-1)?.account).toBe('zz last')
})
