import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkConnection } from '#lib/warehouse/snowflake/check/check.ts'
import {
  dropScript,
  dropTablesScript,
  readerOf,
  type ScriptNames,
  type Setup,
  setupScript,
} from '#lib/warehouse/snowflake/setup/script.ts'
import { openSnowflake } from '#lib/warehouse/snowflake/snowflake.ts'
import { loadOf, song } from '#lib/warehouse/testing.ts'
import { newListener, testKeys } from './listener.ts'
import { startSnowflakeServer } from './server.ts'
import type { SnowflakeServer } from './snowflake-server.ts'

// An account is full of other people's objects. The scripts touch only what Tracklake made, and name the rest.
let server: SnowflakeServer
let names: ScriptNames
let serial = 0

beforeAll(async () => {
  server = await startSnowflakeServer()
})
afterAll(() => server.stop())
beforeEach(() => {
  serial += 1
  names = { user: `U${serial}`, role: `R${serial}`, warehouse: `W${serial}`, database: `D${serial}`, schema: 'RAW' }
})

const admin = (sql: string) => server.runScript(sql)
const setUp = async (more: Partial<Setup> = {}) => {
  const { publicKey } = await testKeys()
  const results = await admin(setupScript({ ...names, instanceId: 'i-1', publicKey, ...more }))
  return results.at(-1)?.rows[0]?.[1] ?? ''
}
const drop = async (instanceId = 'i-1') => (await admin(dropScript(names, instanceId))).at(-1)?.rows[0] ?? []
const warehouse = () => server.account.warehouses.get(names.warehouse)?.properties
const quota = (monitor: string) => server.account.monitors.get(monitor)?.properties.get('CREDIT_QUOTA')
const exists = () => ({
  user: server.account.users.has(names.user),
  role: server.account.roles.has(names.role),
  warehouse: server.account.warehouses.has(names.warehouse),
  schemas: [...(server.account.database(names.database)?.schemas.keys() ?? [])].sort(),
})

describe('the setup', () => {
  test('keeps the key and defaults of an existing user', async () => {
    const theirs = (await testKeys()).publicKey.replace('A', 'B')
    await admin(`CREATE USER "${names.user}" TYPE = SERVICE DEFAULT_ROLE = PUBLIC RSA_PUBLIC_KEY = '${theirs}'`)
    expect(await setUp()).toBe(`user ${names.user}; `)
    expect(server.account.users.get(names.user)).toMatchObject({
      keys: { RSA_PUBLIC_KEY: theirs },
      defaults: { role: 'PUBLIC' },
    })
  })

  test('registers a new key for a user that it made, also as an earlier version', async () => {
    await setUp({ publicKey: (await testKeys()).publicKey.replace('A', 'B') })
    expect(await setUp()).toBe('')
    const key = async () => server.account.users.get(names.user)?.keys.RSA_PUBLIC_KEY === (await testKeys()).publicKey
    expect(await key()).toBe(true)
    await admin(`ALTER USER "${names.user}" SET COMMENT = 'Tracklake' RSA_PUBLIC_KEY = 'BBBB'`)
    expect(await setUp()).toBe('')
    expect(await key()).toBe(true)
  })

  test('keeps the resource monitor and settings of an existing warehouse', async () => {
    await admin(`CREATE RESOURCE MONITOR "THEIRS${serial}" WITH CREDIT_QUOTA = 100 TRIGGERS ON 100 PERCENT DO SUSPEND;
      CREATE WAREHOUSE "${names.warehouse}" WAREHOUSE_SIZE = LARGE COMMENT = 'For reports';
      ALTER WAREHOUSE "${names.warehouse}" SET RESOURCE_MONITOR = "THEIRS${serial}"`)
    expect(await setUp({ monthlyCredits: 3 })).toBe(`warehouse ${names.warehouse}; `)
    expect(warehouse()?.get('RESOURCE_MONITOR')).toBe(`THEIRS${serial}`)
    expect(warehouse()?.get('WAREHOUSE_SIZE')).toBe('LARGE')
    expect(quota(`THEIRS${serial}`)).toBe('100')
  })

  test('changes the credit limit of its own warehouse when it runs again', async () => {
    await setUp({ monthlyCredits: 3 })
    expect(quota(`${names.warehouse}_MONITOR`)).toBe('3')
    expect(await setUp({ monthlyCredits: 8 })).toBe('')
    expect(quota(`${names.warehouse}_MONITOR`)).toBe('8')
    expect(warehouse()?.get('RESOURCE_MONITOR')).toBe(`${names.warehouse}_MONITOR`)
  })

  test('keeps another monitor on its warehouse, and a monitor with its name on another warehouse', async () => {
    await setUp()
    await admin(`CREATE RESOURCE MONITOR "${names.warehouse}_MONITOR" WITH CREDIT_QUOTA = 50`)
    expect(await setUp({ monthlyCredits: 3 })).toBe(`resource monitor ${names.warehouse}_MONITOR; `)
    expect(warehouse()?.has('RESOURCE_MONITOR')).toBe(false)
    await admin(`CREATE RESOURCE MONITOR "THEIRS${serial}" WITH CREDIT_QUOTA = 100;
      ALTER WAREHOUSE "${names.warehouse}" SET RESOURCE_MONITOR = "THEIRS${serial}"`)
    expect(await setUp({ monthlyCredits: 3 })).toBe(`resource monitor THEIRS${serial}; `)
    expect([quota(`${names.warehouse}_MONITOR`), quota(`THEIRS${serial}`)]).toEqual(['50', '100'])
  })

  test('grants no foreign role to the admins', async () => {
    await admin(`CREATE ROLE "${names.role}" COMMENT = 'Payroll'`)
    expect(await setUp()).toBe(`role ${names.role}; `)
    expect(server.account.roles.get('SYSADMIN')?.inherits.has(names.role)).toBe(false)
  })

  test('gives the reader role to the admins and not to the role that loads, and a warehouse to run on', async () => {
    const readerRole = readerOf(names.role)
    // As an earlier version left it.
    await setUp({ readerRole })
    for (const again of [{}, { readerRole }]) {
      await admin(`GRANT ROLE "${readerRole}" TO ROLE "${names.role}"`)
      expect(await setUp(again)).toBe('')
      expect(server.account.roles.get(names.role)?.inherits.has(readerRole)).toBe(false)
    }
    expect(server.account.roles.get('SYSADMIN')?.inherits.has(readerRole)).toBe(true)
    const { account } = server
    expect(account.may(readerRole, 'WAREHOUSE', [names.warehouse], 'ACCOUNTADMIN', 'USAGE')).toBe(true)
  })

  test('the loading role cannot read someone else’s table that BI tools may read', async () => {
    const options = await newListener(server)
    const { address, owner } = options
    const { publicKey } = await testKeys()
    await admin(setupScript({ ...address, ...owner, publicKey, readerRole: readerOf(address.role) }))
    await admin(`CREATE TABLE "${address.database}"."RAW"."SALARIES" ("X" VARCHAR)`)
    const opened = openSnowflake(options)
    await expect(opened.query(`select * from ${opened.table('raw', 'salaries')}`, [])).rejects.toMatchObject({
      recovery: 'stop',
    })
    await opened.close()
    const checks = await checkConnection(options)
    expect(checks.filter(({ state }) => state !== 'ok')).toEqual([])
  })

  test('works in an account that ignores the case of quoted names', async () => {
    names = { ...names, user: `mixed${serial}`, role: `Mixed${serial}` }
    await admin('ALTER ACCOUNT SET QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE')
    try {
      expect(await setUp({ monthlyCredits: 2 })).toBe('')
    } finally {
      server.account.parameters.clear()
    }
    expect(exists()).toMatchObject({ user: true, role: true })
    expect((await drop())[1]).toBe('')
  })
})

describe('the drop script', () => {
  const all = ['PUBLIC', 'RAW', 'RAW_ANALYTICAL', 'RAW_REPORTING', 'RAW_STAGING']

  test('drops what the setup made, with its monitor, and names it', async () => {
    await setUp({ monthlyCredits: 3, readerRole: readerOf(names.role) })
    const [dropped, kept] = await drop()
    expect(kept).toBe('')
    for (const object of [`user ${names.user}`, 'schema RAW;', `warehouse ${names.warehouse}`, `role ${names.role}`])
      expect(dropped).toContain(object)
    expect(exists()).toEqual({ user: false, role: false, warehouse: false, schemas: ['PUBLIC'] })
    expect(server.account.monitors.has(`${names.warehouse}_MONITOR`)).toBe(false)
    expect(server.account.roles.has(readerOf(names.role))).toBe(false)
  })

  test('drops what an earlier version made', async () => {
    await setUp()
    await admin(`ALTER USER "${names.user}" SET COMMENT = 'Tracklake';
      ALTER WAREHOUSE "${names.warehouse}" SET COMMENT = 'Tracklake'`)
    expect((await drop())[1]).toBe('')
    expect(exists()).toMatchObject({ user: false, warehouse: false })
  })

  test('keeps objects that others created, and lists them', async () => {
    await admin(`CREATE USER "${names.user}" COMMENT = 'Ana'; CREATE ROLE "${names.role}";
      CREATE WAREHOUSE "${names.warehouse}" COMMENT = 'For reports'; CREATE DATABASE "${names.database}";
      CREATE SCHEMA "${names.database}"."RAW"; CREATE RESOURCE MONITOR "${names.warehouse}_MONITOR" WITH CREDIT_QUOTA = 9`)
    await setUp()
    const [dropped, kept] = await drop()
    expect(exists()).toEqual({ user: true, role: true, warehouse: true, schemas: ['PUBLIC', 'RAW'] })
    expect(server.account.monitors.has(`${names.warehouse}_MONITOR`)).toBe(true)
    for (const object of [`user ${names.user}`, `role ${names.role}`, `warehouse ${names.warehouse}`, 'schema RAW;'])
      expect(kept).toContain(object)
    expect(dropped).toBe('schema RAW_STAGING; schema RAW_ANALYTICAL; schema RAW_REPORTING; ')
  })

  test('keeps objects of another installation', async () => {
    await setUp({ instanceId: 'other' })
    const [dropped] = await drop()
    expect(dropped).toBe('')
    expect(exists()).toEqual({ user: true, role: true, warehouse: true, schemas: all })
  })

  test('drops our tables but keeps a schema that contains someone else’s table', async () => {
    const options = await newListener(server)
    const { address, owner } = options
    const opened = openSnowflake(options)
    await opened.load(loadOf([song('a')]))
    await opened.close()
    await admin(`CREATE TABLE "${address.database}"."RAW"."mine ""x""" ("X" VARCHAR)`)
    const [dropped, kept] = (await admin(dropScript(address, owner.instanceId))).at(-1)?.rows[0] ?? []
    expect([...(server.account.schema(address.database, 'RAW')?.tables.keys() ?? [])]).toEqual(['mine "x"'])
    expect(dropped).toContain('table SONGS; ')
    expect(kept).toBe('table mine "x"; schema RAW, which contains other objects; ')
  })

  test.for(['STAGES', 'USER FUNCTIONS', 'SEQUENCES', 'STREAMS', 'TASKS', 'PIPES', 'FILE FORMATS'])(
    'keeps a schema that contains someone else’s %s',
    async (kind) => {
      await setUp()
      server.account.schema(names.database, 'RAW')?.others.push({ kind, name: 'THEIRS' })
      expect((await drop())[1]).toBe('schema RAW, which contains other objects; ')
      expect(exists().schemas).toEqual(['PUBLIC', 'RAW'])
    },
  )

  test('for tables leaves a table of others that has one of our names', async () => {
    await setUp()
    const path = `"${names.database}"."RAW"`
    await admin(
      `CREATE TABLE ${path}."SONGS" ("X" VARCHAR); CREATE TABLE ${path}."ALBUMS" ("X" VARCHAR) COMMENT = 'Tracklake'`,
    )
    const [row] = (await admin(dropTablesScript(names, ['SONGS', 'ALBUMS']))).at(-1)?.rows ?? []
    expect(row).toEqual(['table ALBUMS; ', 'table SONGS; '])
    expect([...(server.account.schema(names.database, 'RAW')?.tables.keys() ?? [])]).toEqual(['SONGS'])
  })

  test('runs again without an error when nothing is left', async () => {
    await setUp()
    await drop()
    expect(await drop()).toEqual(['', ''])
  })
})

test('names with dollar signs, quotes and semicolons are only names', async () => {
  const odd = `x"; DROP USER "Z"; $$ ' \\ $`
  names = { user: odd, role: odd, warehouse: odd, database: odd, schema: odd }
  await admin('CREATE USER "Z"')
  expect(await setUp({ monthlyCredits: 2, readerRole: readerOf(odd) })).toBe('')
  expect((await drop())[1]).toBe('')
  expect(server.account.users.has('Z')).toBe(true)
  expect(server.account.users.has(odd)).toBe(false)
})

describe('the test server refuses', () => {
  const inBlock = (statements: string) => `EXECUTE IMMEDIATE $$ BEGIN ${statements} END; $$`
  test.for([
    ['a statement that the independent grammar refuses', "EXECUTE IMMEDIATE 'DROP USERS X';"],
    ['an expression that it refuses', "IF (= 1) THEN EXECUTE IMMEDIATE 'SELECT 1'; END IF;"],
    [
      'a column that SHOW does not have',
      "LET rs RESULTSET := (SHOW USERS); FOR r IN rs DO IF (r.\"nope\" = 'x') THEN EXECUTE IMMEDIATE 'SELECT 1'; END IF; END FOR;",
    ],
    ['a variable that is not declared', 'x := 1;'],
    ['a branch without statements', "IF (1 = 1) THEN ELSE EXECUTE IMMEDIATE 'SELECT 1'; END IF;"],
    ['an unfinished block', 'LET rs RESULTSET := (SHOW USERS); FOR r IN rs DO'],
  ])('%s', async ([, statements]) => {
    await admin(`CREATE USER IF NOT EXISTS "SOMEBODY"`)
    await expect(admin(inBlock(statements ?? ''))).rejects.toThrow()
  })
})
