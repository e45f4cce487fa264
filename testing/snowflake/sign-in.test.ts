import { afterAll, beforeAll, expect, test } from 'vitest'
import { MINUTE } from '#lib/core/clock.ts'
import { makeKeyPair } from '#lib/warehouse/snowflake/setup/keys.ts'
import { testKeys } from './listener.ts'
import { signIn, webToken } from './protocol/client.ts'
import { ACCOUNT, startSnowflakeServer } from './server.ts'
import type { SnowflakeServer } from './snowflake-server.ts'

// A server that accepts everyone would prove nothing about credentials.
let server: SnowflakeServer
let instant = Date.parse('2026-11-01T12:00:00Z')

beforeAll(async () => {
  server = await startSnowflakeServer({ now: () => new Date(instant) })
  const { publicKey } = await testKeys()
  await server.runScript(`
    CREATE ROLE R; CREATE ROLE OTHER;
    CREATE USER SERVICE_USER TYPE = SERVICE DEFAULT_ROLE = R RSA_PUBLIC_KEY = '${publicKey}';
    CREATE USER TRIAL_USER PASSWORD = 'secret' DEFAULT_ROLE = R;
    GRANT ROLE R TO USER SERVICE_USER; GRANT ROLE R TO USER TRIAL_USER;`)
})
afterAll(() => server.stop())

async function withKey(changes: Partial<Parameters<typeof webToken>[0]> = {}, role?: string) {
  const { privateKey } = await testKeys()
  const claims = { account: ACCOUNT, user: 'SERVICE_USER', privateKey, issuedAt: instant, expiresAt: instant + MINUTE }
  const credential = { AUTHENTICATOR: 'SNOWFLAKE_JWT', TOKEN: webToken({ ...claims, ...changes }) }
  return signIn(server.url, { account: ACCOUNT, user: 'service_user', credential, ...(role && { role }) })
}

const withPassword = (user: string, PASSWORD: string) =>
  signIn(server.url, { account: ACCOUNT, user, credential: { PASSWORD } })

test('a registered key signs in', async () => {
  expect(await withKey()).toMatchObject({ success: true, data: { sessionInfo: { roleName: 'R' } } })
})

test('the second slot for a key works like the first', async () => {
  const { publicKey, privateKey } = await makeKeyPair()
  expect(await withKey({ privateKey })).toMatchObject({ code: '390144' })
  await server.runScript(`ALTER USER SERVICE_USER SET RSA_PUBLIC_KEY_2 = '${publicKey}'`)
  expect(await withKey({ privateKey })).toMatchObject({ success: true })
  expect(await withKey()).toMatchObject({ success: true })
  await server.runScript('ALTER USER SERVICE_USER UNSET RSA_PUBLIC_KEY_2')
  expect(await withKey({ privateKey })).toMatchObject({ code: '390144' })
})

test('refuses a token that another key signed', async () => {
  const { privateKey } = await makeKeyPair()
  expect(await withKey({ signedBy: privateKey })).toMatchObject({ success: false, code: '390144' })
})

test.for([
  ['that is too old', { issuedAt: instant - 2 * MINUTE, expiresAt: instant - MINUTE }],
  ['from the future', { issuedAt: instant + 10 * MINUTE, expiresAt: instant + 11 * MINUTE }],
  ['of another user', { user: 'TRIAL_USER' }],
  ['of another account', { account: 'OTHER-ACCOUNT' }],
] as const)('refuses a token %s', async ([, changes]) => {
  expect(await withKey(changes)).toMatchObject({ success: false, code: '390144' })
})

test('refuses a role that is not granted', async () => {
  expect(await withKey({}, 'OTHER')).toMatchObject({ code: '390189' })
  expect(await withKey({}, '"r"')).toMatchObject({ code: '390189' })
})

test('passwords only work for people, and five wrong ones lock them out for 15 minutes', async () => {
  expect(await withPassword('trial_user', 'secret')).toMatchObject({ success: true })
  expect(await withPassword('SERVICE_USER', 'secret')).toMatchObject({ code: '390100' })
  for (let attempt = 1; attempt <= 5; attempt++)
    expect(await withPassword('TRIAL_USER', 'wrong')).toMatchObject({ code: '390100' })
  expect(await withPassword('TRIAL_USER', 'secret')).toMatchObject({ code: '390102' })
  instant += 16 * MINUTE
  expect(await withPassword('TRIAL_USER', 'secret')).toMatchObject({ success: true })
})

test('a programmatic access token works until it expires, and only with its role', async () => {
  const add = `ALTER USER SERVICE_USER ADD PROGRAMMATIC ACCESS TOKEN T DAYS_TO_EXPIRY = 1`
  await expect(server.runScript(add)).rejects.toThrow('ROLE_RESTRICTION')
  const [result] = await server.runScript(`${add} ROLE_RESTRICTION = 'R'`)
  const TOKEN = result?.rows[0]?.[1] ?? ''
  const credential = { AUTHENTICATOR: 'PROGRAMMATIC_ACCESS_TOKEN', TOKEN }
  const enter = (role: string) => signIn(server.url, { account: ACCOUNT, user: 'SERVICE_USER', credential, role })
  expect(await enter('R')).toMatchObject({ success: true })
  expect(await enter('PUBLIC')).toMatchObject({ code: '390189' })
  instant += 25 * 60 * MINUTE
  expect(await enter('R')).toMatchObject({ code: '394400' })
})

test('an unknown account gives a 404 page', async () => {
  const response = await fetch(`${server.url}/session/v1/login-request`, {
    method: 'POST',
    body: JSON.stringify({ data: { ACCOUNT_NAME: 'NO-SUCH', LOGIN_NAME: 'X', CLIENT_APP_ID: 'JavaScript' } }),
  })
  expect(response.status).toBe(404)
  expect(response.headers.get('content-type')).toBe('text/html')
})
