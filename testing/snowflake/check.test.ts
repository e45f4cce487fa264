import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkConnection } from '#lib/warehouse/snowflake/check/check.ts'
import {
  CHECKS,
  type CheckName,
  type ConnectionCheck,
  type SnowflakeOptions,
} from '#lib/warehouse/snowflake/connection.ts'
import { claimSchema } from '#lib/warehouse/snowflake/schema/owner.ts'
import { makeKeyPair } from '#lib/warehouse/snowflake/setup/keys.ts'
import {
  dropScript,
  dropTablesScript,
  readerOf,
  retireScript,
  rotateScript,
  setupScript,
} from '#lib/warehouse/snowflake/setup/script.ts'
import { openSnowflake } from '#lib/warehouse/snowflake/snowflake.ts'
import { loadOf, song } from '#lib/warehouse/testing.ts'
import { type Fault, REFUSALS } from './faults.ts'
import { newListener, testKeys } from './listener.ts'
import { startSnowflakeServer } from './server.ts'
import type { SnowflakeServer } from './snowflake-server.ts'

// The printed script is all that a person runs, and everything that can be wrong is a named check.
let server: SnowflakeServer
let options: SnowflakeOptions

beforeAll(async () => {
  server = await startSnowflakeServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  server.clearFaults()
  options = await newListener(server)
})

const admin = (sql: string) => server.runScript(sql)
const stateOf = (checks: ConnectionCheck[]) => Object.fromEntries(checks.map(({ name, state }) => [name, state]))
const allOk = Object.fromEntries(CHECKS.map((name) => [name, 'ok']))

describe('the printed script', () => {
  test('is all that the connection needs; the reader role is optional', async () => {
    expect(stateOf(await checkConnection(options))).toEqual({ ...allOk, 'reader role': 'advice' })
    const { publicKey } = await testKeys()
    const readerRole = readerOf(options.address.role)
    await admin(setupScript({ ...options.address, ...options.owner, publicKey, readerRole, monthlyCredits: 5 }))
    expect(stateOf(await checkConnection(options))).toEqual(allOk)
  })

  test('shows the account for the form in its last result', async () => {
    const { publicKey } = await testKeys()
    const results = await admin(setupScript({ ...options.address, ...options.owner, publicKey }))
    expect(results.at(-1)?.rows).toEqual([[server.accountName, '']])
  })

  test('grants nothing else: no other warehouse, schema or table', async () => {
    const other = await newListener(server)
    const { address } = other
    for (const change of [{ warehouse: address.warehouse }, { database: address.database }]) {
      const checks = await checkConnection({ ...options, address: { ...options.address, ...change } })
      expect(checks.find(({ state }) => state === 'failed')?.name).toBe(Object.keys(change)[0])
    }
  })

  test('rotates a key with an overlap, and retires the old one', async () => {
    const next = await makeKeyPair()
    const withNext: SnowflakeOptions = { ...options, credential: { method: 'key pair', privateKey: next.privateKey } }
    expect(stateOf(await checkConnection(withNext))['sign-in']).toBe('failed')
    const results = await admin(rotateScript({ user: options.address.user, slot: 2, publicKey: next.publicKey }))
    expect(results.at(-1)?.rows).toContainEqual(['RSA_PUBLIC_KEY_2_FP', next.fingerprint])
    expect(stateOf(await checkConnection(withNext))['sign-in']).toBe('ok')
    expect(stateOf(await checkConnection(options))['sign-in']).toBe('ok')
    await admin(retireScript({ user: options.address.user, slot: 1 }))
    expect(stateOf(await checkConnection(withNext))['sign-in']).toBe('ok')
    expect(stateOf(await checkConnection(options))['sign-in']).toBe('failed')
  })

  test('drops only the tables of Tracklake, or everything except the database and what others put into it', async () => {
    const { address } = options
    const warehouse = openSnowflake(options)
    await warehouse.load(loadOf([song('a')]))
    await warehouse.flush()
    await warehouse.close()
    await admin(`CREATE TABLE "${address.database}"."RAW"."MINE" ("X" VARCHAR)`)
    const tables = () => [...(server.account.schema(address.database, 'RAW')?.tables.keys() ?? [])].sort()
    expect(tables()).toEqual(['MINE', 'SONGS', 'TRACKLAKE_LOADS', 'TRACKLAKE_OWNER'])
    await admin(dropTablesScript(address, ['SONGS']))
    expect(tables()).toEqual(['MINE'])
    await admin(dropScript(address, options.owner.instanceId))
    expect(server.account.users.has(address.user)).toBe(false)
    expect(server.account.warehouses.has(address.warehouse)).toBe(false)
    expect([...(server.account.database(address.database)?.schemas.keys() ?? [])]).toEqual(['PUBLIC', 'RAW'])
    expect(tables()).toEqual(['MINE'])
  })
})

test('leaves no table and no session behind after one sign-in', async () => {
  server.clearTraffic()
  await checkConnection(options)
  expect(server.account.schema(options.address.database, 'RAW')?.tables.size).toBe(0)
  expect(server.traffic().sessions).toEqual({ opened: 1, closed: 1 })
})

describe('what is wrong', () => {
  const changed = (change: Partial<SnowflakeOptions['address']>) => ({
    ...options,
    address: { ...options.address, ...change },
  })

  /** Everything before the named check passes, and its message is helpful. */
  async function expectFailure(broken: SnowflakeOptions, name: CheckName, text: RegExp): Promise<void> {
    const checks = await checkConnection(broken)
    const failed = checks.filter(({ state }) => state === 'failed')
    expect(failed.map((check) => check.name)).toEqual([name])
    expect(failed[0]?.message).toMatch(text)
    expect(failed[0]?.remedy).toMatch(/\w{3}/)
    const before = checks.slice(0, CHECKS.indexOf(name))
    expect(before.map(({ state }) => state)).toEqual(before.map(() => 'ok'))
    expect(checks.map((check) => check.name)).toEqual([...CHECKS])
    expect(JSON.stringify(checks)).not.toContain('PRIVATE KEY')
  }

  test('the account', () => expectFailure(changed({ account: 'OTHER-ACCOUNT' }), 'address', /account/i))

  test('the user', () => expectFailure(changed({ user: 'NOBODY' }), 'sign-in', /key|user/i))

  test('the key', async () => {
    const { privateKey } = await makeKeyPair()
    await expectFailure({ ...options, credential: { method: 'key pair', privateKey } }, 'sign-in', /key/i)
  })

  test('the password of a service', () =>
    expectFailure({ ...options, credential: { method: 'password', password: 'secret' } }, 'sign-in', /secret/i))

  test('the token', () =>
    expectFailure({ ...options, credential: { method: 'token', token: 'expired' } }, 'sign-in', /token/i))

  test.for<[keyof typeof REFUSALS, RegExp]>([
    ['locked', /locked/i],
    ['disabled', /disabled/i],
    ['mfa', /MFA|factor/i],
    ['networkPolicy', /network policy/i],
    ['address', /address|network|allowed/i],
  ])('the user is refused: %s', async ([refusal, text]) => {
    server.injectFault({ at: 'sign-in', effect: REFUSALS[refusal] })
    server.clearTraffic()
    await expectFailure(options, 'sign-in', text)
    // Repeated failures would lock the user.
    expect(server.traffic().requests['sign-in']).toBe(1)
  })

  test('the role', () => expectFailure(changed({ role: 'NOT_GRANTED' }), 'role', /role/i))

  test('the warehouse is missing', () => expectFailure(changed({ warehouse: 'NOPE' }), 'warehouse', /warehouse/i))

  test.for([
    ['without usage', 'REVOKE USAGE ON WAREHOUSE W FROM ROLE R', 'warehouse', /warehouse/i],
    ['that is suspended', 'ALTER WAREHOUSE W SET AUTO_RESUME = FALSE', 'warehouse', /suspended|resume/i],
    ['whose role cannot use the database', 'REVOKE USAGE ON DATABASE D FROM ROLE R', 'database', /database/i],
    [
      'whose role cannot use the schema',
      'REVOKE USAGE ON SCHEMA D.S FROM ROLE R; REVOKE CREATE TABLE ON SCHEMA D.S FROM ROLE R',
      'schema',
      /schema/i,
    ],
    ['whose role only reads', 'REVOKE CREATE TABLE ON SCHEMA D.S FROM ROLE R', 'create table', /create/i],
  ] as const)('a warehouse %s', async ([, sql, name, text]) => {
    const { role, warehouse, database } = options.address
    const names = { W: `"${warehouse}"`, R: `"${role}"`, D: `"${database}"`, S: '"RAW"' }
    await admin(sql.replaceAll(/\b[WRDS]\b/g, (letter) => names[letter as keyof typeof names]))
    await expectFailure(options, name, text)
  })

  test('a warehouse without credits, and an unpaid bill, pass by themselves and are only unconfirmed', async () => {
    const { role, warehouse } = options.address
    await admin(`CREATE RESOURCE MONITOR "${role}_M" WITH CREDIT_QUOTA = 1;
      ALTER WAREHOUSE "${warehouse}" SET RESOURCE_MONITOR = "${role}_M"`)
    const monitor = server.account.monitors.get(`${role}_M`)
    if (monitor) monitor.exhausted = true
    const found = async () => {
      const checks = await checkConnection(options)
      expect(checks.filter(({ state }) => state === 'failed')).toEqual([])
      return checks.find(({ state }) => state === 'unconfirmed')
    }
    expect(await found()).toMatchObject({ name: 'warehouse', message: expect.stringMatching(/quota/i) })
    if (monitor) monitor.exhausted = false
    server.account.unpaid = true
    const unpaid = await found().finally(() => {
      server.account.unpaid = false
    })
    expect(unpaid).toMatchObject({ name: 'warehouse', message: expect.stringMatching(/payment/i) })
  })

  test('the database is missing', () => expectFailure(changed({ database: 'NOPE' }), 'database', /database/i))

  test('the schema is missing', () => expectFailure(changed({ schema: 'NOPE' }), 'schema', /schema/i))

  test('the schema is another listener’s', async () => {
    await claimSchema({ ...options, owner: { instanceId: 'instance-1', accountId: 'somebody' } })
    await expectFailure(options, 'schema', /another listener/i)
  })

  test('a foreign table has one of our names', async () => {
    const { database, role } = options.address
    const table = `"${database}"."RAW"."TRACKLAKE_LOADS"`
    await admin(`CREATE TABLE ${table} ("X" VARCHAR); GRANT SELECT ON TABLE ${table} TO ROLE "${role}"`)
    await expectFailure(options, 'schema', /TRACKLAKE_LOADS/)
  })

  test('the schema of an earlier instance is not a failure: saving takes it over', async () => {
    await claimSchema({ ...options, owner: { ...options.owner, instanceId: 'before' } })
    const checks = await checkConnection(options)
    expect(checks.find(({ name }) => name === 'schema')).toMatchObject({ state: 'ok', message: /takes it over/ })
  })

  test.for<[string, Fault, CheckName]>([
    ['an HTML page instead of a response', { at: 'sign-in', effect: { kind: 'status', status: 403 } }, 'address'],
    ['a connection that breaks off', { at: 'sign-in', effect: { kind: 'cut', when: 'before' } }, 'address'],
    ['a session that is gone immediately', { at: 'statement', effect: REFUSALS.sessionGone }, 'address'],
  ])('%s', async ([, fault, name]) => {
    server.injectFault(fault)
    const checks = await checkConnection(options)
    expect(checks.find(({ state }) => state === 'failed')?.name).toBe(name)
  })
})
