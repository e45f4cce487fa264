import { expect } from 'vitest'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { test } from '#testing/sync/fixture.ts'
import { createToken, listTokens, revokeToken, tokenFromHeader, tokenHolder } from './api-tokens.ts'

let users = 0

function newUser() {
  return db().user.create({ data: { name: `user ${++users}` } })
}

const CHARTS = { name: 'notebook', scopes: ['read charts' as const], days: 30 }

test('a token works for its scopes only', async () => {
  const { id } = await newUser()
  const { token } = await createToken({ id }, CHARTS)
  expect((await tokenHolder(token, 'read charts')).id).toBe(id)
  await expect(tokenHolder(token, 'start runs')).rejects.toMatchObject({
    status: 403,
    message: 'This token is not allowed to start runs',
    remedy: expect.stringContaining('Settings'),
  })
  await expect(tokenHolder(token)).rejects.toMatchObject({ status: 403, code: 'no-tokens-here' })
})

test('stores only the hash and never lists a token', async () => {
  const owner = await newUser()
  const { token } = await createToken(owner, CHARTS)
  expect(token).toMatch(/^tracklake_[\w-]{43}$/)
  const stored = JSON.stringify([
    await db().apiToken.findMany({ where: { userId: owner.id } }),
    await db().auditEvent.findMany(),
  ])
  expect(stored).not.toContain(token.slice(12))
  expect(JSON.stringify(await listTokens(owner))).not.toContain(token.slice(12))
})

test('refuses revoked and invented tokens, and revoking the token of another listener', async () => {
  const [owner, stranger] = [await newUser(), await newUser()]
  const { token, made } = await createToken(owner, CHARTS)
  await expect(revokeToken(stranger, made.id)).rejects.toMatchObject({ status: 404 })
  expect((await tokenHolder(token, 'read charts')).id).toBe(owner.id)
  expect((await revokeToken(owner, made.id)).tokens).toEqual([])
  await expect(tokenHolder(token, 'read charts')).rejects.toMatchObject({ status: 401 })
  await expect(tokenHolder(`${token.slice(0, -1)}!`, 'read charts')).rejects.toMatchObject({ status: 401 })
})

test('a token expires and the error says when', async () => {
  const owner = await newUser()
  const { token, made } = await createToken(owner, { ...CHARTS, days: 1 })
  expect(Date.parse(made.endsAt) - Date.parse(made.createdAt)).toBe(DAY)
  const endsAt = new Date(Date.now() - HOUR)
  await db().apiToken.update({ where: { id: made.id }, data: { endsAt } })
  await expect(tokenHolder(token, 'read charts')).rejects.toMatchObject({
    status: 401,
    message: `This token expired on ${endsAt.toISOString().slice(0, 10)}`,
  })
  expect((await listTokens(owner)).tokens).toMatchObject([{ id: made.id, ended: true }])
})

test.for([
  ['is suspended', { suspendedAt: new Date() }],
  ['is being erased', { erasingAt: new Date() }],
] as const)('the tokens of a listener who %s are refused', async ([, data]) => {
  const owner = await newUser()
  const { token } = await createToken(owner, CHARTS)
  await db().user.update({ where: { id: owner.id }, data })
  await expect(tokenHolder(token, 'read charts')).rejects.toMatchObject({ status: 401 })
})

test('updates the last use once a minute', async () => {
  const owner = await newUser()
  const { token, made } = await createToken(owner, CHARTS)
  expect((await listTokens(owner)).tokens).toMatchObject([{ lastUsedAt: null }])
  await expect(tokenHolder(token, 'read runs')).rejects.toMatchObject({ status: 403 })
  expect((await listTokens(owner)).tokens).toMatchObject([{ lastUsedAt: null }])
  const usedAt = async () => (await db().apiToken.findUniqueOrThrow({ where: { id: made.id } })).lastUsedAt?.getTime()
  await tokenHolder(token, 'read charts')
  const first = await usedAt()
  await tokenHolder(token, 'read charts')
  expect(await usedAt()).toBe(first)
  const before = new Date(Date.now() - 2 * MINUTE)
  await db().apiToken.update({ where: { id: made.id }, data: { lastUsedAt: before } })
  await tokenHolder(token, 'read charts')
  expect(await usedAt()).toBeGreaterThan(before.getTime())
})

test('allows at most 20 tokens, even when two are created at once', async () => {
  const owner = await newUser()
  const made = await Promise.allSettled(Array.from({ length: 22 }, () => createToken(owner, CHARTS)))
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
  expect((await listTokens(owner)).tokens).toHaveLength(20)
})

test('ignores tokens of others in the header, such as those of a proxy', () => {
  expect(tokenFromHeader('Bearer tracklake_abc')).toBe('tracklake_abc')
  expect(tokenFromHeader('bearer  tracklake_abc ')).toBe('tracklake_abc')
  for (const other of [null, '', 'Bearer eyJhbGciOi', 'Basic tracklake_abc', 'tracklake_abc'])
    expect(tokenFromHeader(other)).toBeNull()
})
