import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  CHECKS,
  type CheckName,
  type ConnectionCheck,
  type SnowflakeOptions,
} from '#lib/warehouse/snowflake/connection.ts'
import { startScriptedServer } from '#lib/warehouse/snowflake/driver/scripted-server.ts'
import { claimSchema } from '#lib/warehouse/snowflake/schema/owner.ts'
import { makeKeyPair } from '#lib/warehouse/snowflake/setup/keys.ts'
import { readerOf, setupScript } from '#lib/warehouse/snowflake/setup/script.ts'
import { type Fault, REFUSALS } from '#testing/snowflake/faults.ts'
import { newListener, testKeys } from '#testing/snowflake/listener.ts'
import { startSnowflakeServer } from '#testing/snowflake/server.ts'
import type { SnowflakeServer } from '#testing/snowflake/snowflake-server.ts'
import { checkConnection } from './check.ts'

let server: SnowflakeServer
let options: SnowflakeOptions

beforeAll(async () => {
  server = await startSnowflakeServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  const { publicKey } = await testKeys()
  options = await newListener(server, {})
  const { role } = options.address
  await server.runScript(setupScript({ ...options.address, ...options.owner, publicKey, readerRole: readerOf(role) }))
  server.clearTraffic()
})
afterEach(() => server.clearFaults())

const states = (checks: ConnectionCheck[]) => Object.fromEntries(checks.map(({ name, state }) => [name, state]))
const failedOf = (checks: ConnectionCheck[]) => checks.find(({ state }) => state === 'failed')
const admin = (sql: string) => server.runScript(sql)
const ALL_OK = Object.fromEntries(CHECKS.map((name) => [name, 'ok']))

/** All checks before it pass, none after it is reached. */
function expectFailedAt(checks: ConnectionCheck[], name: CheckName): void {
  expect(checks.map((check) => check.name)).toEqual([...CHECKS])
  const at = CHECKS.indexOf(name)
  const expected = CHECKS.map((one, index) => [one, index < at ? 'ok' : index === at ? 'failed' : 'not reached'])
  expect(states(checks)).toEqual(Object.fromEntries(expected))
  const found = failedOf(checks)
  expect(found?.message).toMatch(/\S/)
  expect(found?.remedy).toMatch(/\S/)
}

test('all checks pass after the setup script, and nothing is left behind', async () => {
  await admin(`ALTER WAREHOUSE "${options.address.warehouse}" SET GENERATION = '1'`)
  const reported: string[] = []
  const checks = await checkConnection(options, ({ name }) => reported.push(name))
  expect(checks.filter(({ state }) => state !== 'ok')).toEqual([])
  expect(states(checks)).toEqual(ALL_OK)
  expect(reported).toEqual([...CHECKS])
  expect(server.traffic().requests['sign-in']).toBe(1)
  expect(server.traffic().sessions).toEqual({ opened: 1, closed: 1 })
  const [tables] = await admin(`SELECT "TABLE_NAME" FROM "${options.address.database}".INFORMATION_SCHEMA."TABLES"`)
  expect(tables?.rows).toEqual([])
})

describe('a sign-in that is refused', () => {
  test.for<[string, Fault['effect'], CheckName]>([
    ['locked', REFUSALS.locked, 'sign-in'],
    ['disabled', REFUSALS.disabled, 'sign-in'],
    ['a second factor', REFUSALS.mfa, 'sign-in'],
    ['no network policy', REFUSALS.networkPolicy, 'sign-in'],
    ['an address that is not allowed', REFUSALS.address, 'sign-in'],
    ['an expired token', REFUSALS.tokenExpired, 'sign-in'],
    ['no such account', { kind: 'status', status: 404 }, 'address'],
    ['no such account, another page', { kind: 'status', status: 403 }, 'address'],
    ['a service that is down', { kind: 'status', status: 503 }, 'address'],
    ['a proxy', { kind: 'status', status: 407 }, 'address'],
    ['a connection that breaks off', { kind: 'cut', when: 'before' }, 'address'],
  ])('%s is named after a single attempt', async ([, effect, name]) => {
    server.injectFault({ at: 'sign-in', effect })
    expectFailedAt(await checkConnection(options), name)
    expect(server.traffic().requests['sign-in']).toBe(1)
  })

  test('a wrong key is named, with how to compare it', async () => {
    const { privateKey } = await makeKeyPair()
    const checks = await checkConnection({ ...options, credential: { method: 'key pair', privateKey } })
    expectFailedAt(checks, 'sign-in')
    expect(failedOf(checks)?.remedy).toContain('fingerprint')
  })

  test.for<[string, Partial<SnowflakeOptions['address']>, CheckName]>([
    ['user', { user: 'NOBODY' }, 'sign-in'],
    ['role', { role: 'NO_ROLE' }, 'role'],
    ['warehouse', { warehouse: 'NO_WH' }, 'warehouse'],
    ['database', { database: 'NO_DB' }, 'database'],
    ['schema', { schema: 'NO_SCHEMA' }, 'schema'],
    ['account', { account: 'user@host' }, 'address'],
  ])('a wrong %s is named', async ([, wrong, name]) => {
    expectFailedAt(await checkConnection({ ...options, address: { ...options.address, ...wrong } }), name)
  })

  test('a server that is down is named', async () => {
    expectFailedAt(await checkConnection({ ...options, endpoint: 'http://127.0.0.1:1' }), 'address')
  })

  test('a key that cannot be read is named', async () => {
    const credential = {
      method: 'key pair',
      privateKey: '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n',
    } as const
    expectFailedAt(await checkConnection({ ...options, credential }), 'sign-in')
  })
})

describe('a missing privilege', () => {
  const schema = () => `"${options.address.database}"."RAW"`
  const role = () => `"${options.address.role}"`

  test.for<[string, () => string, CheckName, RegExp]>([
    [
      'the warehouse',
      () => `REVOKE USAGE ON WAREHOUSE "${options.address.warehouse}" FROM ROLE ${role()}`,
      'warehouse',
      /GRANT USAGE ON WAREHOUSE/,
    ],
    [
      'the database',
      () => `REVOKE USAGE ON DATABASE "${options.address.database}" FROM ROLE ${role()}`,
      'database',
      /GRANT USAGE ON DATABASE/,
    ],
    [
      'the schema',
      () => `REVOKE USAGE, CREATE TABLE ON SCHEMA ${schema()} FROM ROLE ${role()}`,
      'schema',
      /GRANT USAGE, CREATE TABLE ON SCHEMA/,
    ],
    [
      'the right to make tables',
      () => `REVOKE CREATE TABLE ON SCHEMA ${schema()} FROM ROLE ${role()}`,
      'create table',
      /GRANT CREATE TABLE ON SCHEMA/,
    ],
  ])('%s is named with the grant', async ([, revoke, name, remedy]) => {
    // Whatever the reader role can see, this role can see too.
    await admin(`DROP ROLE "${readerOf(options.address.role)}"`)
    await admin(revoke())
    const checks = await checkConnection(options)
    expect(failedOf(checks)?.name).toBe(name)
    expect(failedOf(checks)?.remedy).toMatch(remedy)
  })

  test.for<[string, Fault['effect']]>([
    ['quota', REFUSALS.quota],
    ['payment', REFUSALS.unpaid],
  ])('%s: the warehouse check shows it and does not count it against the connection', async ([, effect]) => {
    server.injectFault({ at: 'statement', matching: 'FLATTEN', effect })
    const checks = await checkConnection(options)
    expect(states(checks)).toEqual({
      ...ALL_OK,
      warehouse: 'unconfirmed',
      'write and read back': 'unconfirmed',
      'cost guards': expect.any(String),
    })
    expect(checks.find(({ name }) => name === 'warehouse')?.remedy).toMatch(/resume automatically/)
  })

  test('a warehouse that the role cannot use has failed', async () => {
    server.injectFault({ at: 'statement', matching: 'FLATTEN', effect: REFUSALS.noWarehouse })
    expectFailedAt(await checkConnection(options), 'warehouse')
  })
})

describe('an account that is slow', () => {
  const limits = { totalMs: 6_000, eachMs: 700, signInMs: 3_000, cleanUpMs: 1_000 }
  const check = () => checkConnection(options, undefined, limits)

  test('marks a warehouse that starts too slowly as unconfirmed, and still runs the other checks', async () => {
    server.injectFault({ at: 'statement', matching: 'FLATTEN', effect: { kind: 'never' } })
    expect(states(await check())).toEqual({
      ...ALL_OK,
      warehouse: 'unconfirmed',
      'write and read back': 'unconfirmed',
      'cost guards': expect.any(String),
    })
    expect(server.account.schema(options.address.database, 'RAW')?.tables.size).toBe(0)
  })

  test('drops a table whose creation is unconfirmed, without writing into it', async () => {
    server.injectFault({ at: 'statement', matching: '^CREATE TABLE .*"RAW"[.]', effect: { kind: 'slow', ms: 900 } })
    expect(states(await check())).toMatchObject({
      'create table': 'unconfirmed',
      'write and read back': 'not reached',
      'clean up': 'ok',
      'other schemas': 'ok',
    })
    expect(server.account.schema(options.address.database, 'RAW')?.tables.size).toBe(0)
  })

  test('marks checks that run out of time as unconfirmed', async () => {
    server.injectFault({ at: 'statement', matching: 'FLATTEN', effect: { kind: 'never' } })
    const checks = await checkConnection(options, undefined, { ...limits, totalMs: 1_500, eachMs: 5_000 })
    expect(states(checks)).toMatchObject({ role: 'ok', warehouse: 'unconfirmed', 'reader role': 'unconfirmed' })
    expect(failedOf(checks)).toBeUndefined()
  })
})

describe('the schema', () => {
  test('of another listener is refused', async () => {
    await claimSchema({ ...options, owner: { instanceId: 'other', accountId: 'other' } })
    expectFailedAt(await checkConnection(options), 'schema')
  })

  test('of an earlier instance will be taken over', async () => {
    await claimSchema({ ...options, owner: { ...options.owner, instanceId: 'earlier' } })
    const checks = await checkConnection(options)
    expect(checks.find(({ name }) => name === 'schema')).toMatchObject({
      state: 'ok',
      message: expect.stringContaining('takes it over'),
    })
  })

  test('with a foreign table that has one of our names is refused', async () => {
    await admin(`CREATE TABLE "${options.address.database}"."RAW"."SONGS" ("X" VARCHAR)`)
    await admin(`GRANT SELECT ON TABLE "${options.address.database}"."RAW"."SONGS" TO ROLE "${options.address.role}"`)
    expect(failedOf(await checkConnection({ ...options, tables: ['songs'] }))?.name).toBe('schema')
    expect(failedOf(await checkConnection({ ...options, tables: ['albums'] }))).toBeUndefined()
  })
})

test('a failed write is named, and its table is dropped', async () => {
  server.injectFault({ at: 'statement', matching: '^INSERT OVERWRITE', effect: REFUSALS.stageRefused })
  const checks = await checkConnection(options)
  expect(states(checks)).toMatchObject({
    'create table': 'ok',
    'write and read back': 'failed',
    'clean up': 'ok',
    'other schemas': 'not reached',
  })
  expect(server.statements().at(-1)?.text).toMatch(/^DROP TABLE/)
})

describe('advice does not prevent saving', () => {
  test('missing schemas come with their script', async () => {
    await admin(`DROP SCHEMA "${options.address.database}"."RAW_STAGING"`)
    const check = (await checkConnection(options)).find(({ name }) => name === 'other schemas')
    expect(check).toMatchObject({ state: 'advice', message: expect.stringContaining('RAW_STAGING') })
    await admin(check?.remedy ?? '')
    expect(states(await checkConnection(options))['other schemas']).toBe('ok')
  })

  test('a warehouse that costs more than necessary comes with the statement to fix it', async () => {
    await admin(`ALTER WAREHOUSE "${options.address.warehouse}" SET WAREHOUSE_SIZE = LARGE AUTO_SUSPEND = 600`)
    const check = (await checkConnection(options)).find(({ name }) => name === 'cost guards')
    expect(check).toMatchObject({ state: 'advice', message: expect.stringMatching(/LARGE.*600/i) })
    await admin(check?.remedy ?? '')
    expect(states(await checkConnection(options))['cost guards']).toBe('ok')
  })

  test('a missing reader role is advice', async () => {
    await admin(`DROP ROLE "${readerOf(options.address.role)}"`)
    expect(states(await checkConnection(options))['reader role']).toBe('advice')
  })
})

test('an address that never responds fails in time', async () => {
  const silentServer = await startScriptedServer(() => 'never')
  try {
    const limits = { totalMs: 2_000, eachMs: 1_000, signInMs: 1_000, cleanUpMs: 500 }
    const silent = { ...options, endpoint: silentServer.origin }
    expectFailedAt(await checkConnection(silent, undefined, limits), 'address')
  } finally {
    await silentServer.stop()
  }
})

test('a first statement that never responds fails in time without throwing', async () => {
  server.injectFault({ at: 'statement', matching: 'CURRENT_ORGANIZATION_NAME', effect: { kind: 'never' } })
  const limits = { totalMs: 3_000, eachMs: 1_000, signInMs: 1_000, cleanUpMs: 500 }
  expect(failedOf(await checkConnection(options, undefined, limits))?.name).toBe('address')
})
