import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newListener, testKeys } from './listener.ts'
import { execute, type ProtocolResponse, signIn, webToken } from './protocol/client.ts'
import { ACCOUNT, startSnowflakeServer } from './server.ts'
import type { SnowflakeServer } from './snowflake-server.ts'

// Where a wrong test server would hide errors of the product: what it refuses, how it folds names, and who it locks out.
let server: SnowflakeServer
let user: string
let role: string
let database: string
let warehouse: string
let token: string

beforeAll(async () => {
  server = await startSnowflakeServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  const { address } = await newListener(server)
  ;({ user, role, database, warehouse } = address)
  token = await enter()
})

async function enter(): Promise<string> {
  const { privateKey } = await testKeys()
  const now = Date.now()
  const TOKEN = webToken({ account: ACCOUNT, user, privateKey, issuedAt: now, expiresAt: now + 60_000 })
  const credential = { AUTHENTICATOR: 'SNOWFLAKE_JWT', TOKEN }
  const response = await signIn(server.url, { account: ACCOUNT, user, credential, role: `"${role}"`, warehouse })
  return response.data.token ?? ''
}

const run = (sql: string, values: string[] = [], parameters = {}) => execute(server.url, token, sql, values, parameters)
const admin = (sql: string) => server.runScript(sql)
const rows = (response: ProtocolResponse) => response.data?.rowset ?? response
const named = (name: string) => `"${database}"."RAW"."${name}"`
const source = 'TABLE(FLATTEN(INPUT => PARSE_JSON(?))) f'

describe('refuses what it does not support', () => {
  test.for([
    ['a function', 'SELECT SOUNDEX(1)', '002140'],
    ['a type', 'SELECT 1::GEOGRAPHY', '001003'],
    ['a statement', 'CALL SOMETHING()', '001003'],
    ['a transaction without a word for it', 'BEGIN', '001003'],
    ['VALUES outside of FROM', 'WITH v AS (VALUES (1)) SELECT * FROM v', '001003'],
    ['a scale of instants', 'SELECT TO_TIMESTAMP_NTZ(1, 6)', '001003'],
    ['a format of days', "SELECT TO_DATE('01.02.2026', 'DD.MM.YYYY')", '001003'],
    ['a view of the schema', `SELECT 1 FROM "X".INFORMATION_SCHEMA."VIEWS"`, '002003'],
    ['two statements', 'SELECT 1; SELECT 2', '000008'],
    ['nothing', ' ', '000900'],
    ['text that is not SQL', 'UPDATE SE', '001003'],
    ['a reserved word as a name', 'SELECT 1 AS start', '001003'],
  ])('%s', async ([, sql, code]) => {
    expect(await run(sql ?? '')).toMatchObject({ success: false, code })
  })

  test('a parameter of the session', async () => {
    expect(await run('SELECT 1', [], { AUTOCOMMIT: false })).toMatchObject({ success: false, code: '001003' })
  })

  test('SQL that an independent grammar refuses', async () => {
    expect(await run('SELECT 1 FROM (SELECT 2) WHERE')).toMatchObject({ success: false, code: '001003' })
  })

  test('a table function that is joined with ON', async () => {
    const list = "TABLE(FLATTEN(INPUT => PARSE_JSON('[1]')))"
    expect(await run(`SELECT 1 FROM (SELECT 1 AS n) t JOIN ${list} f ON f.VALUE = t.n`)).toMatchObject({
      success: false,
      code: '000002',
    })
  })
})

describe('treats names like Snowflake', () => {
  test('in upper case unless they are quoted', async () => {
    await run(`CREATE TABLE ${named('T')} (id NUMBER(38,0), "Id" VARCHAR)`)
    await run(`INSERT INTO ${named('T')} ("ID", "Id") SELECT 1, 'one'`)
    expect(await run(`SELECT ID, "Id" AS x, 1 AS "y" FROM ${database}.raw.t`)).toMatchObject({
      data: { rowtype: [{ name: 'ID' }, { name: 'X' }, { name: 'y' }], rowset: [['1', 'one', '1']] },
    })
    expect(await run(`SELECT "id" FROM ${named('T')}`)).toMatchObject({ code: '000904', data: { sqlState: '42000' } })
    expect(await run(`SELECT 1 FROM ${named('t')}`)).toMatchObject({ code: '002003', data: { sqlState: '42S02' } })
  })

  test('a missing table, schema or database has its own error', async () => {
    expect(await run(`SELECT 1 FROM ${named('NOPE')}`)).toMatchObject({ code: '002003', data: { sqlState: '42S02' } })
    expect(await run(`SELECT 1 FROM "${database}"."NOPE"."T"`)).toMatchObject({
      code: '002003',
      data: { sqlState: '02000' },
    })
    expect(await run('SELECT 1 FROM "NOPE"."RAW"."T"')).toMatchObject({ code: '002003', data: { sqlState: '02000' } })
    expect(await run('USE WAREHOUSE NOPE')).toMatchObject({ code: '002043', data: { sqlState: '02000' } })
    expect(await run('SELECT 1 FROM T')).toMatchObject({ code: '090105' })
  })
})

describe('writes like Snowflake', () => {
  beforeEach(async () => {
    await run(`CREATE TABLE ${named('T')} ("K" VARCHAR, "N" NUMBER(38,0)) COMMENT = 'Tracklake'`)
    await run(
      `INSERT INTO ${named('T')} ("K", "N") SELECT GET(f.VALUE, 0)::VARCHAR, GET(f.VALUE, 1)::NUMBER(38,0) FROM ${source}`,
      ['[["a",1],["b",2]]'],
    )
  })
  const content = async () => rows(await run(`SELECT "K", "N" FROM ${named('T')} ORDER BY "K"`))
  const merged = (json: string) =>
    run(
      `MERGE INTO ${named('T')} t USING (SELECT GET(f.VALUE, 0)::VARCHAR AS "K", GET(f.VALUE, 1)::NUMBER(38,0) AS "N"
       FROM ${source}) s ON s."K" = t."K" WHEN MATCHED AND s."N" IS NULL THEN DELETE
       WHEN MATCHED THEN UPDATE SET "N" = s."N" WHEN NOT MATCHED THEN INSERT ("K", "N") VALUES (s."K", s."N")`,
      [json],
    )

  test('a MERGE counts what it did', async () => {
    const response = await merged('[["a",null],["b",5],["c",6]]')
    expect(response.data).toMatchObject({
      rowtype: [
        { name: 'number of rows inserted' },
        { name: 'number of rows updated' },
        { name: 'number of rows deleted' },
      ],
      rowset: [['1', '1', '1']],
    })
    expect(await content()).toEqual([
      ['b', '5'],
      ['c', '6'],
    ])
  })

  test('refuses a MERGE with duplicate rows completely', async () => {
    expect(await merged('[["a",7],["a",8]]')).toMatchObject({ code: '100090' })
    expect(await content()).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
  })

  test('INSERT OVERWRITE reads everything before it empties the table, and is atomic', async () => {
    await run(`INSERT OVERWRITE INTO ${named('T')} ("K", "N") SELECT "K", "N" + 10 FROM ${named('T')}`)
    expect(await content()).toEqual([
      ['a', '11'],
      ['b', '12'],
    ])
    const broken = await run(
      `INSERT OVERWRITE INTO ${named('T')} ("K", "N") SELECT "K", "K"::NUMBER(38,0) FROM ${named('T')}`,
    )
    expect(broken).toMatchObject({ code: '100038' })
    expect(await content()).toHaveLength(2)
  })

  test('no key is enforced', async () => {
    await run(`INSERT INTO ${named('T')} ("K", "N") SELECT "K", "N" FROM ${named('T')}`)
    expect(await content()).toHaveLength(4)
  })

  test('does not create an existing table again', async () => {
    expect(await run(`CREATE TABLE ${named('T')} ("K" VARCHAR)`)).toMatchObject({ code: '002002' })
    expect(await run(`CREATE TABLE IF NOT EXISTS ${named('T')} ("Z" VARCHAR)`)).toMatchObject({ success: true })
    expect(await content()).toHaveLength(2)
  })

  test('only its session sees a temporary table, which hides another one with its name', async () => {
    await run(`CREATE TEMPORARY TABLE ${named('T')} ("K" VARCHAR, "N" NUMBER(38,0))`)
    expect(await content()).toEqual([])
    token = await enter()
    expect(await content()).toHaveLength(2)
  })
})

describe("distinguishes JSON's null from SQL's null", () => {
  test.for([
    ['GET(f.VALUE, 0) IS NULL', 'false'],
    ['STRIP_NULL_VALUE(GET(f.VALUE, 0)) IS NULL', 'true'],
    ['GET(f.VALUE, 0)::VARCHAR IS NULL', 'true'],
    ['GET(f.VALUE, 9) IS NULL', 'true'],
  ])('%s', async ([expression, expected]) => {
    const response = await run(`SELECT IFF(${expression}, 'true', 'false') AS x FROM ${source}`, ['[[null]]'])
    expect(rows(response)).toEqual([[expected]])
  })

  test('nulls come last, and first in descending order', async () => {
    const sql = `SELECT GET(f.VALUE, 0)::NUMBER(38,0) AS n FROM ${source} ORDER BY n`
    expect(rows(await run(sql, ['[[1],[null],[2]]']))).toEqual([['1'], ['2'], [null]])
    expect(rows(await run(`${sql} DESC`, ['[[1],[null],[2]]']))).toEqual([[null], ['2'], ['1']])
  })
})

describe('privileges', () => {
  beforeEach(async () => {
    await run(`CREATE TABLE ${named('T')} ("K" VARCHAR)`)
  })

  test('refuses what is not granted, and what has been revoked', async () => {
    await admin(`CREATE TABLE ${named('FOREIGN')} ("K" VARCHAR)`)
    expect(await run(`SELECT * FROM ${named('FOREIGN')}`)).toMatchObject({ code: '002003' })
    await admin(`GRANT SELECT ON TABLE ${named('FOREIGN')} TO ROLE "${role}"`)
    expect(await run(`SELECT * FROM ${named('FOREIGN')}`)).toMatchObject({ success: true })
    const write = `INSERT INTO ${named('FOREIGN')} ("K") SELECT 'x'`
    expect(await run(write)).toMatchObject({ code: '003001', data: { sqlState: '42501' } })
    expect(await run(`DROP TABLE ${named('FOREIGN')}`)).toMatchObject({ code: '003001' })
    await admin(`REVOKE SELECT ON TABLE ${named('FOREIGN')} FROM ROLE "${role}"`)
    expect(await run(`SELECT * FROM ${named('FOREIGN')}`)).toMatchObject({ code: '002003' })
  })

  test('creating a table needs CREATE TABLE on the schema', async () => {
    await admin(`REVOKE CREATE TABLE ON SCHEMA "${database}"."RAW" FROM ROLE "${role}"`)
    expect(await run(`CREATE TABLE ${named('MORE')} ("K" VARCHAR)`)).toMatchObject({ code: '003001' })
    expect(await run(`CREATE TEMPORARY TABLE ${named('MORE')} ("K" VARCHAR)`)).toMatchObject({ success: true })
  })

  test('without USAGE a schema looks like a missing one', async () => {
    await admin(
      `REVOKE USAGE ON SCHEMA "${database}"."RAW" FROM ROLE "${role}"; REVOKE CREATE TABLE ON SCHEMA "${database}"."RAW" FROM ROLE "${role}"`,
    )
    expect(await run(`SELECT * FROM ${named('T')}`)).toMatchObject({ code: '002003', data: { sqlState: '02000' } })
  })

  test('future grants apply to tables that are created later', async () => {
    await admin(
      `CREATE ROLE "${role}_READER"; GRANT SELECT ON FUTURE TABLES IN SCHEMA "${database}"."RAW" TO ROLE "${role}_READER"`,
    )
    await run(`CREATE TABLE ${named('LATER')} ("K" VARCHAR)`)
    const grants = server.account.roles.get(`${role}_READER`)?.grants
    expect([...(grants ?? [])].join()).toContain('LATER')
  })
})

describe('the warehouse', () => {
  beforeEach(async () => {
    await run(`CREATE TABLE ${named('T')} ("K" VARCHAR)`)
  })
  const read = () => run(`SELECT * FROM ${named('T')}`)

  test('is only needed for tables', async () => {
    await admin(`REVOKE USAGE ON WAREHOUSE "${warehouse}" FROM ROLE "${role}"`)
    expect(await read()).toMatchObject({ code: '000606', data: { sqlState: '57P03' } })
    expect(await run('SELECT CURRENT_ROLE()')).toMatchObject({ success: true })
  })

  test('resumes automatically unless that is turned off', async () => {
    expect(server.account.warehouses.get(warehouse)?.suspended).toBe(true)
    expect(await read()).toMatchObject({ success: true })
    await admin(`ALTER WAREHOUSE "${warehouse}" SUSPEND; ALTER WAREHOUSE "${warehouse}" SET AUTO_RESUME = FALSE`)
    expect(await read()).toMatchObject({ success: false, message: expect.stringContaining('suspended') })
  })

  test('does not run when its monitor has no credits left or the bill is unpaid', async () => {
    await admin(`CREATE RESOURCE MONITOR "${role}_M" WITH CREDIT_QUOTA = 5 TRIGGERS ON 100 PERCENT DO SUSPEND;
      ALTER WAREHOUSE "${warehouse}" SET RESOURCE_MONITOR = "${role}_M"`)
    expect(await read()).toMatchObject({ success: true })
    const monitor = server.account.monitors.get(`${role}_M`)
    if (monitor) monitor.exhausted = true
    expect(await read()).toMatchObject({ message: expect.stringContaining('exceeded its quota') })
    server.account.unpaid = true
    expect(await read()).toMatchObject({ code: '000666', data: { sqlState: '57014' } })
    server.account.unpaid = false
  })
})
