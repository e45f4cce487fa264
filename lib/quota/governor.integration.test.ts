import { beforeEach, expect } from 'vitest'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { Wait } from '#lib/core/errors.ts'
import { db } from '#lib/db.ts'
import type { RequestGroup } from '#lib/streams/stream.ts'
import { test } from '#testing/sync/fixture.ts'
import { learnQuota, tidyQuota } from './learned-limits.ts'
import { withinLimits } from './request-limits.ts'

let made = 0
let account: string

beforeEach(() => {
  account = `developer-${++made}`
})

async function app(clientId = `app-${++made}`) {
  return db().spotifyApp.create({ data: { clientId, developerAccount: account } })
}

function hourAgo(hours: number): Date {
  return new Date(Math.floor(Date.now() / HOUR) * HOUR - hours * HOUR)
}

/** Requests of the account some hours ago. */
async function usedQuota(group: RequestGroup, hours: number, requests: number): Promise<void> {
  await db().quotaHour.create({ data: { developerAccount: account, group, hour: hourAgo(hours), requests } })
}

/** As if Spotify's pause had passed. */
async function endBlock(): Promise<void> {
  await db().quotaGroup.updateMany({ where: { developerAccount: account }, data: { blockedUntil: new Date(0) } })
}

const respond = async () => 'response'

function refused() {
  const until = new Date(Date.now() + 20 * HOUR)
  return Promise.reject(new Wait('not today', until, { remedy: '', context: { kind: 'quota' } }))
}

function limitOf(group: string) {
  return db().quotaGroup.findUnique({ where: { developerAccount_group: { developerAccount: account, group } } })
}

test('the first refusal teaches the limit, and later requests wait before Spotify refuses them', async () => {
  const one = await app()
  await usedQuota('library', 20, 300)
  await usedQuota('library', 3, 300)
  await expect(withinLimits(one, 'library', refused)).rejects.toThrow('not today')
  expect((await limitOf('library'))?.dayLimit).toBe(600)
  await endBlock()
  const held = await withinLimits(one, 'library', respond).catch((error: unknown) => error)
  expect(held).toMatchObject({ recovery: 'wait', message: expect.stringContaining('is used up') })
  // The 300 requests of 20 hours ago no longer count once their hour is a day old.
  expect(held).toMatchObject({ until: new Date(hourAgo(20).getTime() + 25 * HOUR) })
  expect(await withinLimits(one, 'top', respond)).toBe('response')
})

test('requests continue below the learned limit', async () => {
  const one = await app()
  await usedQuota('library', 2, 560)
  await db().quotaGroup.create({ data: { developerAccount: account, group: 'library', dayLimit: 600 } })
  expect(await withinLimits(one, 'library', respond)).toBe('response')
})

test('all apps of one developer share one quota, apps of another developer do not', async () => {
  const [one, sister] = [await app(), await app()]
  await expect(withinLimits(one, 'library', refused)).rejects.toThrow('not today')
  await expect(withinLimits(sister, 'library', respond)).rejects.toThrow('no more requests of this kind today')
  account = 'somebody else'
  expect(await withinLimits(await app(), 'library', respond)).toBe('response')
})

test('recently played continues at the limit, where everything else waits', async () => {
  const one = await app()
  for (const group of ['player', 'catalogue'] as const) {
    await usedQuota(group, 1, 600)
    await db().quotaGroup.create({ data: { developerAccount: account, group, dayLimit: 600 } })
  }
  await expect(withinLimits(one, 'catalogue', respond)).rejects.toMatchObject({ recovery: 'wait' })
  expect(await withinLimits(one, 'player', respond)).toBe('response')
})

test('once recently played and others are refused together, the others leave it the requests it needs for a day', async () => {
  const one = await app()
  await usedQuota('library', 5, 800)
  await usedQuota('player', 5, 100)
  await expect(withinLimits(one, 'library', refused)).rejects.toThrow('not today')
  expect(await limitOf('*')).toBeNull()
  await expect(withinLimits(one, 'player', refused)).rejects.toThrow('not today')
  expect((await limitOf('*'))?.dayLimit).toBe(900)
  await endBlock()
  await expect(withinLimits(one, 'top', respond)).rejects.toThrow('reserved for recently played')
  expect(await withinLimits(one, 'player', respond)).toBe('response')

  // The others used a tenth less, so more is left than recently played needs in a day.
  const library = { developerAccount: account, group: 'library', hour: hourAgo(5) }
  await db().quotaHour.updateMany({ where: library, data: { requests: 720 } })
  expect(await withinLimits(one, 'top', respond)).toBe('response')
})

test('a refusal after a few requests blocks its group and teaches no limit', async () => {
  await usedQuota('library', 1, 10)
  await learnQuota(account, 'library', new Date(Date.now() + HOUR))
  expect(await limitOf('library')).toMatchObject({ dayLimit: null })
  await endBlock()
  expect(await withinLimits(await app(), 'library', respond)).toBe('response')
})

test('a limit that holds requests back grows after a day, one that is far from reached does not', async () => {
  const now = new Date()
  const learnedAt = new Date(now.getTime() - DAY - 2 * HOUR)
  await usedQuota('library', 2, 590)
  await usedQuota('top', 2, 100)
  await usedQuota('player', 2, 700)
  for (const group of ['library', 'top', 'player'])
    await db().quotaGroup.create({ data: { developerAccount: account, group, dayLimit: 600, learnedAt } })
  await tidyQuota(now)
  await tidyQuota(new Date(now.getTime() + MINUTE))
  const limits = await Promise.all(['library', 'top', 'player'].map(async (group) => (await limitOf(group))?.dayLimit))
  expect(limits).toEqual([660, 600, 700])
})

test('the last place in the 30 s window is reserved for recently played', async () => {
  const one = await app()
  for (let request = 0; request < 4; request++) await withinLimits(one, 'library', respond)
  await db().requestLimit.updateMany({ where: { spotifyAppId: one.id, group: '*' }, data: { windowLimit: 5 } })
  await expect(withinLimits(one, 'library', respond)).rejects.toMatchObject({ recovery: 'wait' })
  expect(await withinLimits(one, 'player', respond)).toBe('response')
})
