import { expect } from 'vitest'
import { disconnect } from '#lib/accounts/disconnect.ts'
import { MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import { db } from '#lib/db.ts'
import { CONSENT_MS, refresh } from '#lib/spotify/accounts.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { accessToken, tokenPlace } from './access-token.ts'
import { appCredentials } from './app-credentials.ts'

test.beforeEach(async ({ harness }) => {
  await harness.configure({ reset: true })
})

function account({ userId }: TestListener) {
  return db().account.findFirstOrThrow({ where: { userId } })
}

/** The current token, as if Spotify had just refused it. A refreshed one expires later, so it differs. */
async function refusedToken(harness: Harness, { userId }: TestListener): Promise<string> {
  const token = await accessToken(userId)
  await harness.setTime(new Date(harness.now().getTime() + SECOND))
  return token
}

async function refreshes(harness: Harness): Promise<number> {
  return (await harness.stats()).requests['/api/token'] ?? 0
}

/** Starts `work`, blocks it at its first update of the account, runs `meanwhile` there, and finishes both. */
async function atTheRow<T>(
  listener: TestListener,
  work: () => Promise<T>,
  meanwhile: (tx: Pick<ReturnType<typeof db>, 'account'>) => Promise<void>,
) {
  const { id } = await account(listener)
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

/** Waits until a statement waits for a locked row. */
async function isHeld(): Promise<void> {
  for (;;) {
    const [row] = await db().$queryRaw<{ held: number }[]>`
      select count(*)::int as held from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
    if (row && row.held > 0) return
    await pause(5)
  }
}

test('a token that is still valid is used', async ({ harness, listener: { userId } }) => {
  const token = await accessToken(userId)
  expect(await accessToken(userId)).toBe(token)
  expect(await refreshes(harness)).toBe(0)
})

test('a refused token is refreshed once, however many callers need it at once', async ({ harness, listener }) => {
  await harness.configure({ conditions: { rotation: true }, latencyMs: 20 })
  const stale = await refusedToken(harness, listener)
  const tokens = await Promise.all(Array.from({ length: 6 }, () => accessToken(listener.userId, stale)))
  expect(new Set(tokens).size).toBe(1)
  expect(tokens[0]).not.toBe(stale)
  expect(await refreshes(harness)).toBe(1)
  expect(await account(listener)).toMatchObject({ consent: 'given', refreshingUntil: null })
})

test('a caller that gets the lease late uses the token that the previous one refreshed', async ({
  harness,
  listener,
}) => {
  await harness.configure({ conditions: { rotation: true } })
  const stale = await refusedToken(harness, listener)
  let fresh = ''
  const settled = await atTheRow(
    listener,
    () => accessToken(listener.userId, stale),
    async (tx) => {
      const { id, spotifyAppId, refresh_token, ...key } = await account(listener)
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
  expect(await account(listener)).toMatchObject({ consent: 'given', refreshingUntil: null })
})

test('the refresh token is kept if Spotify sends none, and replaced if it sends one', async ({ harness, listener }) => {
  const { refresh_token: first } = await account(listener)
  await accessToken(listener.userId, await refusedToken(harness, listener))
  expect((await account(listener)).refresh_token).toBe(first)
  await harness.configure({ conditions: { rotation: true } })
  await accessToken(listener.userId, await refusedToken(harness, listener))
  expect((await account(listener)).refresh_token).not.toBe(first)
  await accessToken(listener.userId, await refusedToken(harness, listener))
  expect((await account(listener)).consent).toBe('given')
})

test('a refused sign-in is kept and tried again later, and nothing is requested until then', async ({
  harness,
  listener,
}) => {
  const stale = await refusedToken(harness, listener)
  await harness.configure({ listeners: { [listener.name]: { consent: 'revoked' } } })
  const refusals = await Promise.allSettled([1, 2, 3].map(() => accessToken(listener.userId, stale)))
  for (const settled of refusals)
    expect(settled).toMatchObject({
      status: 'rejected',
      reason: { recovery: 'wait', reason: 'consent', remedy: expect.stringContaining('Reconnect') },
    })
  expect(await refreshes(harness)).toBe(1)
  const { refresh_token, retryAt, refusedAt, ...kept } = await account(listener)
  expect(kept).toMatchObject({ consent: 'given', refusals: 1, refreshingUntil: null })
  expect(refresh_token).not.toBeNull()
  expect((retryAt?.getTime() ?? 0) - (refusedAt?.getTime() ?? 0)).toBe(10 * MINUTE)
  await expect(accessToken(listener.userId)).rejects.toMatchObject({ recovery: 'wait', until: retryAt })
  expect(await refreshes(harness)).toBe(1)
})

test.for(['by its text', 'by its age'])(
  'a consent that has expired %s ends at once',
  async (how, { harness, listener }) => {
    const stale = await refusedToken(harness, listener)
    const consent = how === 'by its text' ? 'expired' : 'revoked'
    await harness.configure({ listeners: { [listener.name]: { consent } } })
    if (how === 'by its age')
      await db().account.updateMany({
        where: { userId: listener.userId },
        data: { authorizedAt: new Date(Date.now() - CONSENT_MS) },
      })
    await expect(accessToken(listener.userId, stale)).rejects.toMatchObject({
      recovery: 'reconnect',
      remedy: expect.stringContaining('Reconnect'),
    })
    expect(await account(listener)).toMatchObject({ consent: 'reconnect', retryAt: null, refreshingUntil: null })
    await expect(accessToken(listener.userId)).rejects.toMatchObject({ recovery: 'reconnect' })
    expect(await refreshes(harness)).toBe(1)
  },
)

test('uses the new token if another process replaced the refused one', async ({ harness, listener }) => {
  await harness.configure({ conditions: { rotation: true }, latencyMs: 100 })
  const stale = await refusedToken(harness, listener)
  const { id } = await account(listener)
  // Both hold the lease, because the first one is slow enough to count as dead.
  const first = accessToken(listener.userId, stale)
  while (!(await account(listener)).refreshingUntil) await new Promise(setImmediate)
  await db().account.update({ where: { id }, data: { refreshingUntil: null } })
  const second = accessToken(listener.userId, stale)
  expect(await Promise.all([first, second])).toEqual([expect.any(String), expect.any(String)])
  expect(await account(listener)).toMatchObject({ consent: 'given', refusals: 0, retryAt: null })
})

test('an unavailable accounts service does not end the consent', async ({ harness, listener }) => {
  const stale = await refusedToken(harness, listener)
  await harness.configure({ faults: [{ match: { path: '/api/token' }, fault: { kind: 'status', status: 503 } }] })
  await expect(accessToken(listener.userId, stale)).rejects.toMatchObject({ recovery: 'retry' })
  expect(await account(listener)).toMatchObject({ consent: 'given', refreshingUntil: null })
  expect(await accessToken(listener.userId, stale)).not.toBe(stale)
})

test('a lease whose holder died can be acquired', async ({ harness, listener }) => {
  const stale = await refusedToken(harness, listener)
  await db().account.updateMany({
    where: { userId: listener.userId },
    data: { refreshingUntil: new Date(Date.now() - 1) },
  })
  expect(await accessToken(listener.userId, stale)).not.toBe(stale)
})

test('a refresh in progress does not restore the tokens of a listener who disconnects', async ({
  harness,
  listener,
}) => {
  const stale = await refusedToken(harness, listener)
  await harness.configure({ latencyMs: 300 })
  const refreshing = accessToken(listener.userId, stale).catch(() => undefined)
  while (!(await account(listener)).refreshingUntil) await pause(5)
  await disconnect(listener.userId)
  await refreshing
  expect(await account(listener)).toMatchObject({ access_token: null, refresh_token: null, consent: 'disconnected' })
})
