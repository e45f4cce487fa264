import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'vitest'
import { MINUTE, SECOND } from '#lib/core/clock.ts'
import { parseKeyRing, seal, unseal } from '#lib/core/seal.ts'
import { db } from '#lib/db.ts'
import { accessToken, tokenPlace } from '#lib/quota/access-token.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import { encryptionKeys, resealSome } from './encryption-keys.ts'
import { countByKey, type Query, resealAll } from './reseal.ts'

const KEYS = {
  new: `new:${Buffer.alloc(32, 1).toString('base64')}`,
  old: `old:${Buffer.alloc(32, 2).toString('base64')}`,
}
const RING = parseKeyRing(`${KEYS.new},${KEYS.old}`)
const OLD_RING = parseKeyRing(KEYS.old)

test.override('options', [{ TRACKLAKE_KEY: `${KEYS.new},${KEYS.old}` }])

const query: Query = (text, values) => db().$queryRawUnsafe(text, ...values)
const inAMinute = () => new Date(Date.now() + MINUTE)

const account = ({ userId }: TestListener) => db().account.findFirstOrThrow({ where: { userId } })

/** Seals the tokens of a listener as before the newest key was added. */
async function sealWithOldKey(listener: TestListener): Promise<void> {
  const row = await account(listener)
  const again = (column: 'access_token' | 'refresh_token') => {
    const place = tokenPlace(row, column)
    return seal(unseal(row[column] ?? '', place), place, OLD_RING)
  }
  await db().account.update({
    where: { id: row.id },
    data: { access_token: again('access_token'), refresh_token: again('refresh_token') },
  })
}

/** Resolves when this process sends a request for tokens, whose response is still to come. */
function tokenRequest(): Promise<void> {
  return new Promise((done) => {
    const channel = 'undici:request:create'
    const onRequest = (message: unknown) => {
      if ((message as { request: { path: string } }).request.path !== '/api/token') return
      unsubscribe(channel, onRequest)
      done()
    }
    subscribe(channel, onRequest)
  })
}

test('keeps a token that is refreshed at the same time, and the next refresh works', async ({ harness, listener }) => {
  await harness.configure({ reset: true })
  await harness.configure({ conditions: { rotation: true } })
  const stale = await accessToken(listener.userId)
  await harness.setTime(new Date(harness.now().getTime() + SECOND))
  await sealWithOldKey(listener)
  await harness.configure({ latencyMs: 1_500 })
  const sent = tokenRequest()
  const refreshing = accessToken(listener.userId, stale)
  await sent
  expect(await resealAll(query, RING, inAMinute())).toMatchObject({ remaining: 0, failed: 0 })
  const fresh = await refreshing
  expect(fresh).not.toBe(stale)
  expect(await accessToken(listener.userId)).toBe(fresh)
  await harness.configure({ latencyMs: 0 })
  // With the refresh token that Spotify replaced, this would end the consent.
  await harness.setTime(new Date(harness.now().getTime() + SECOND))
  expect(await accessToken(listener.userId, fresh)).not.toBe(fresh)
  expect((await account(listener)).consent).toBe('given')
})

test('an admin sees what each key encrypts, and changes it', async ({ harness, listener }) => {
  await harness.configure({ reset: true })
  await sealWithOldKey(listener)
  const [newest, older] = (await encryptionKeys()).keys
  expect([newest?.key, older]).toEqual(['new', { key: 'old', secrets: 2, isKnown: true }])
  const after = await resealSome('an admin')
  expect(after).toMatchObject({ resealed: 2, failed: 0 })
  expect(after.keys[1]).toEqual({ key: 'old', secrets: 0, isKnown: true })
  expect(await db().auditEvent.findFirst({ orderBy: { id: 'desc' } })).toMatchObject({
    actor: 'an admin',
    subject: 'new',
  })
})

test('reports and keeps a secret that can’t be decrypted, and continues with the others', async ({
  harness,
  listener,
}) => {
  await harness.configure({ reset: true })
  await sealWithOldKey(listener)
  const { id, refresh_token } = await account(listener)
  const tampered = `${refresh_token?.slice(0, -4)}AAAA`
  await db().account.update({ where: { id }, data: { refresh_token: tampered } })
  expect(await resealAll(query, RING, inAMinute())).toEqual({
    resealed: 1,
    remaining: 0,
    failed: 1,
    examples: [{ table: 'Account', column: 'refresh_token', id, problem: expect.stringContaining('tampered') }],
  })
  expect((await account(listener)).refresh_token).toBe(tampered)
  await db().account.update({ where: { id }, data: { refresh_token: null } })
})

test('a secret with a key that nobody has is counted as such', async ({ listener }) => {
  const lost = parseKeyRing(`lost:${Buffer.alloc(32, 3).toString('base64')}`)
  const row = await account(listener)
  const token = seal('any', tokenPlace(row, 'refresh_token'), lost)
  await db().account.update({ where: { id: row.id }, data: { refresh_token: token } })
  expect(await countByKey(query, RING)).toContainEqual({ key: 'lost', secrets: 1, isKnown: false })
  await db().account.update({ where: { id: row.id }, data: { refresh_token: null } })
})
