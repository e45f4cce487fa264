import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { disconnect } from '#lib/accounts/disconnect.ts'
import { pause, SECOND } from '#lib/core/clock.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import { db } from '#lib/db.ts'
import { refresh } from '#lib/spotify/accounts.ts'
import { type Harness, startHarness } from '#testing/sync/harness.ts'
import { accessToken, tokenPlace } from './access-token.ts'
import { appCredentials } from './app-credentials.ts'

let harness: Harness
let nobody = 0
let listener: string
let userId: string

beforeAll(async () => {
  harness = await startHarness()
})
beforeEach(async () => {
  await harness.order({ reset: true })
  listener = `load-${++nobody}`
  userId = (await harness.signIn(listener)).userId
})
afterAll(() => harness.stop())

function account() {
  return db().account.findFirstOrThrow({ where: { userId } })
}

/** The token of now, as if Spotify had just refused it; a refreshed one ends later and so is another one. */
async function refusedToken(): Promise<string> {
  const token = await accessToken(userId)
  await harness.setTime(new Date(harness.now().getTime() + SECOND))
  return token
}

async function refreshes(): Promise<number> {
  return (await harness.stats()).requests['/api/token'] ?? 0
}

/** Starts `work`, holds it at its first change of the account, lets `meanwhile` happen there, and ends both. */
async function atTheRow<T>(
  work: () => Promise<T>,
  meanwhile: (tx: Pick<ReturnType<typeof db>, 'account'>) => Promise<void>,
) {
  const { id } = await account()
  let outcome: Promise<PromiseSettledResult<T>[]> | undefined
  await db().$transaction(
    async (tx) => {
      await tx.$queryRaw`select 1 from "Account" where id = ${id} for update`
      outcome = Promise.allSettled([work()])
      await isHeld()
      await meanwhile(tx)
    },
    { timeout: 20_000 },
  )
  const [settled] = (await outcome) ?? []
  return settled
}

/** Until somebody waits for a row that another one holds. */
async function isHeld(): Promise<void> {
  for (;;) {
    const [row] = await db().$queryRaw<{ held: number }[]>`
      select count(*)::int as held from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
    if (row && row.held > 0) return
    await pause(5)
  }
}

test('a token that is still good is used as it is', async () => {
  const token = await accessToken(userId)
  expect(await accessToken(userId)).toBe(token)
  expect(await refreshes()).toBe(0)
})

test('a refused token is refreshed once, however many ask at once', async () => {
  await harness.order({ conditions: { rotation: true }, latencyMs: 20 })
  const stale = await refusedToken()
  const tokens = await Promise.all(Array.from({ length: 6 }, () => accessToken(userId, stale)))
  expect(new Set(tokens).size).toBe(1)
  expect(tokens[0]).not.toBe(stale)
  expect(await refreshes()).toBe(1)
  expect(await account()).toMatchObject({ consent: 'given', refreshingUntil: null })
})

test('who gets the turn late finds what the one before refreshed', async () => {
  await harness.order({ conditions: { rotation: true } })
  const stale = await refusedToken()
  let fresh = ''
  const settled = await atTheRow(
    () => accessToken(userId, stale),
    async (tx) => {
      const { id, spotifyAppId, refresh_token, ...key } = await account()
      const old = unseal(refresh_token ?? '', tokenPlace(key, 'refresh_token'))
      const tokens = await refresh(
        process.env.SPOTIFY_ACCOUNTS_URL ?? '',
        await appCredentials(spotifyAppId ?? ''),
        old,
      )
      fresh = tokens.access_token
      const data = {
        access_token: seal(fresh, tokenPlace(key, 'access_token')),
        refresh_token: seal(tokens.refresh_token ?? '', tokenPlace(key, 'refresh_token')),
      }
      await tx.account.update({ where: { id }, data })
    },
  )
  expect(settled).toEqual({ status: 'fulfilled', value: fresh })
  expect(await account()).toMatchObject({ consent: 'given', refreshingUntil: null })
})

test('the old refresh token stays when none comes, and a new one takes its place', async () => {
  const { refresh_token: first } = await account()
  await accessToken(userId, await refusedToken())
  expect((await account()).refresh_token).toBe(first)
  await harness.order({ conditions: { rotation: true } })
  await accessToken(userId, await refusedToken())
  expect((await account()).refresh_token).not.toBe(first)
  await accessToken(userId, await refusedToken())
  expect((await account()).consent).toBe('given')
})

test.for([
  ['revoked', 'The consent was revoked on Spotify'],
  ['expired', 'Your consent has expired'],
] as const)('a consent that was %s needs the listener', async ([consent, words]) => {
  const stale = await refusedToken()
  await harness.order({ listeners: { [listener]: { consent } } })
  await expect(accessToken(userId, stale)).rejects.toMatchObject({
    recovery: 'reconnect',
    message: expect.stringContaining(words),
    remedy: expect.stringContaining('Reconnect'),
  })
  expect(await account()).toMatchObject({
    consent: 'reconnect',
    consentProblem: expect.stringContaining(words),
    refreshingUntil: null,
  })
  await expect(accessToken(userId)).rejects.toMatchObject({ recovery: 'reconnect' })
})

test('an accounts service that is away takes no consent', async () => {
  const stale = await refusedToken()
  await harness.order({ faults: [{ match: { path: '/api/token' }, fault: { kind: 'status', status: 503 } }] })
  await expect(accessToken(userId, stale)).rejects.toMatchObject({ recovery: 'retry' })
  expect(await account()).toMatchObject({ consent: 'given', refreshingUntil: null })
  expect(await accessToken(userId, stale)).not.toBe(stale)
})

test('a lease whose holder died is taken over', async () => {
  const stale = await refusedToken()
  await db().account.updateMany({ where: { userId }, data: { refreshingUntil: new Date(Date.now() - 1) } })
  expect(await accessToken(userId, stale)).not.toBe(stale)
})

test('a refresh that is under way does not bring back the tokens of somebody who disconnects', async () => {
  const stale = await refusedToken()
  await harness.order({ latencyMs: 300 })
  const refreshing = accessToken(userId, stale).catch(() => undefined)
  while (!(await account()).refreshingUntil) await pause(5)
  await disconnect(userId)
  await refreshing
  expect(await account()).toMatchObject({ access_token: null, refresh_token: null, consent: 'disconnected' })
})
