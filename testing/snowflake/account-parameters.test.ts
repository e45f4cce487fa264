import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Failure } from '#lib/core/errors.ts'
import type { Table } from '#lib/core/table.ts'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { SESSION_PARAMETERS } from '#lib/warehouse/snowflake/driver/session-parameters.ts'
import { openSnowflake } from '#lib/warehouse/snowflake/snowflake.ts'
import { loadOf, song, songs } from '#lib/warehouse/testing.ts'
import { newListener, testKeys } from './listener.ts'
import { execute, signIn, webToken } from './protocol/client.ts'
import { ACCOUNT, startSnowflakeServer } from './server.ts'
import type { SnowflakeServer } from './snowflake-server.ts'

// An admin can change what sessions do by default, for the account or the user. Nothing of it may change what is loaded.
let server: SnowflakeServer

beforeAll(async () => {
  server = await startSnowflakeServer()
})
afterAll(() => server.stop())
afterEach(() => {
  server.account.parameters.clear()
  server.clearFaults()
})

const everyType: Table = {
  schema: 'raw',
  name: 'every_type',
  columns: { id: 'text', day: 'date', at: 'timestamp', album: 'json', ratio: 'double', position: 'integer' },
  key: ['id', 'day'],
}
const history: Table = {
  ...songs,
  name: 'songs_history',
  columns: { ...songs.columns, day: 'date' },
  key: ['day', 'song_id'],
}
const row = (id: string, position: number) => ({
  id,
  day: '2026-03-01',
  at: '2026-03-01T12:00:00.123Z',
  album: { name: 'x', tracks: [1, null] },
  ratio: -0.5,
  position,
})

/** What a listener's tables hold after several loads in one session, read in another one. */
async function loadedWith(options: SnowflakeOptions) {
  const inSession = async <Result>(work: (warehouse: ReturnType<typeof openSnowflake>) => Promise<Result>) => {
    const warehouse = openSnowflake({ ...options, memory: {} })
    try {
      return await work(warehouse)
    } finally {
      await warehouse.close()
    }
  }
  const counts = await inSession(async (warehouse) => {
    const results = [
      await warehouse.load(
        loadOf([song('a'), song('A')], { history: { kind: 'daily', table: history, day: '2026-03-01' } }),
      ),
      await warehouse.load(loadOf([row('a', 1), row('b', 2)], { table: everyType, mode: 'merge' })),
      await warehouse.load(loadOf([row('a', 3), row('A', 4)], { table: everyType, mode: 'merge' })),
    ]
    await warehouse.flush()
    return results
  })
  return inSession(async (warehouse) => ({
    counts,
    digests: await warehouse.digests([songs, everyType, history]),
    songs: await warehouse.query(`select song_id, plays from ${warehouse.table('raw', 'songs')} order by song_id`, []),
    everyType: await warehouse.query(
      `select id as "Id", day::varchar as day, at, album, ratio, position from ${warehouse.table('raw', 'every_type')}
        where day = '2026-03-01'::date order by id`,
      [],
    ),
  }))
}

let undisturbed: ReturnType<typeof loadedWith> | undefined
const expected = () => {
  undisturbed ??= newListener(server).then(loadedWith)
  return undisturbed
}

// A value that a session without our parameters would suffer from.
const ODD_VALUES: Record<string, string> = {
  ABORT_DETACHED_QUERY: 'FALSE',
  AUTOCOMMIT: 'FALSE',
  BINARY_INPUT_FORMAT: "'BASE64'",
  BINARY_OUTPUT_FORMAT: "'BASE64'",
  DATE_INPUT_FORMAT: "'DD.MM.YYYY'",
  DATE_OUTPUT_FORMAT: "'DD.MM.YYYY'",
  DEFAULT_NULL_ORDERING: "'FIRST'",
  ERROR_ON_NONDETERMINISTIC_MERGE: 'FALSE',
  ERROR_ON_NONDETERMINISTIC_UPDATE: 'FALSE',
  JSON_INDENT: '8',
  LOCK_TIMEOUT: '0',
  QUOTED_IDENTIFIERS_IGNORE_CASE: 'TRUE',
  ROWS_PER_RESULTSET: '1',
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: '1',
  STRICT_JSON_OUTPUT: 'FALSE',
  TIMESTAMP_DAY_IS_ALWAYS_24H: 'TRUE',
  TIMESTAMP_INPUT_FORMAT: "'DD.MM.YYYY'",
  TIMESTAMP_NTZ_OUTPUT_FORMAT: "'DD.MM.YYYY'",
  TIMESTAMP_OUTPUT_FORMAT: "'DD.MM.YYYY'",
  TIMESTAMP_TYPE_MAPPING: "'TIMESTAMP_LTZ'",
  TIMEZONE: "'Asia/Kathmandu'",
  TIME_INPUT_FORMAT: "'HH12'",
  TIME_OUTPUT_FORMAT: "'HH12'",
  TRANSACTION_ABORT_ON_ERROR: 'FALSE',
  USE_CACHED_RESULT: 'FALSE',
  WEEK_OF_YEAR_POLICY: '1',
  WEEK_START: '7',
}

test('every parameter that a session sets is tried', () => {
  expect(Object.keys(ODD_VALUES).toSorted()).toEqual(Object.keys(SESSION_PARAMETERS).toSorted())
})

test.for(Object.entries(ODD_VALUES))('loads the same rows when the account sets %s = %s', async ([name, value]) => {
  const plain = await expected()
  const options = await newListener(server)
  await server.runScript(`ALTER ACCOUNT SET ${name} = ${value}`)
  expect(await loadedWith(options)).toEqual(plain)
})

test('keeps names distinct that differ only in case when the account ignores case', async () => {
  const plain = await expected()
  const names = { user: 'MIXED_USER', role: 'MIXED_ROLE', warehouse: 'MIXED_WH', schema: 'RAW' }
  const options = await newListener(server, { address: { account: ACCOUNT, database: 'Mixed', ...names } })
  await server.runScript('CREATE DATABASE "MIXED"; ALTER ACCOUNT SET QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE')
  expect(await loadedWith(options)).toEqual(plain)
})

test('loads the same rows when the user sets all of them', async () => {
  const plain = await expected()
  const options = await newListener(server)
  const all = Object.entries(ODD_VALUES).map(([name, value]) => `${name} = ${value}`)
  await server.runScript(`ALTER USER "${options.address.user}" SET ${all.join(' ')}`)
  expect(await loadedWith(options)).toEqual(plain)
})

test('compares ids exactly when the account gives new columns a collation', async () => {
  const plain = await expected()
  const options = await newListener(server)
  await server.runScript("ALTER ACCOUNT SET DEFAULT_DDL_COLLATION = 'en-ci'")
  expect(await loadedWith(options)).toEqual(plain)
})

test('reopens a session that ends before it is ready', async () => {
  const options = await newListener(server)
  const warehouse = openSnowflake(options)
  server.injectFault({
    at: 'statement',
    user: options.address.user,
    matching: '^ALTER SESSION',
    times: 1,
    effect: { kind: 'refuse', code: '390111', message: 'Session no longer exists.' },
  })
  await expect(warehouse.load(loadOf([song('a')]))).rejects.toMatchObject({ recovery: 'retry' })
  expect(await warehouse.load(loadOf([song('a')]))).toMatchObject({ new: 1 })
  await warehouse.close()
})

describe('where a session may not set a parameter', () => {
  const refuse = (user: string, name: string) =>
    server.injectFault({
      at: 'statement',
      user,
      matching: `^ALTER SESSION.* ${name} =`,
      effect: { kind: 'refuse', code: '003001', message: 'SQL access control error: Insufficient privileges' },
    })

  test('the others are set, and nothing is different if its value is ours anyway', async () => {
    const plain = await expected()
    const options = await newListener(server)
    await server.runScript('ALTER ACCOUNT SET AUTOCOMMIT = FALSE, TIMESTAMP_TYPE_MAPPING = TIMESTAMP_LTZ')
    refuse(options.address.user, 'ABORT_DETACHED_QUERY')
    await server.runScript(`ALTER USER "${options.address.user}" SET ABORT_DETACHED_QUERY = TRUE`)
    expect(await loadedWith(options)).toEqual(plain)
  })

  test('nothing is loaded with another value, and the remedy works', async () => {
    const plain = await expected()
    const options = await newListener(server)
    refuse(options.address.user, 'WEEK_START')
    const failure = await loadedWith(options).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      recovery: 'stop',
      message: 'The account has WEEK_START = 0 and refuses to change it for a session',
      remedy: `Run as an admin of the account: ALTER USER "${options.address.user}" SET WEEK_START = 1`,
    })
    await server.runScript((failure as Failure).remedy.split(': ')[1] ?? '')
    expect(await loadedWith(options)).toEqual(plain)
  })
})

// Without these the tests above would prove nothing.
describe('the test server acts by', () => {
  let options: SnowflakeOptions
  let path: string

  const session = async () => {
    const { user, role, warehouse } = options.address
    const { privateKey } = await testKeys()
    const now = Date.now()
    const TOKEN = webToken({ account: ACCOUNT, user, privateKey, issuedAt: now, expiresAt: now + 60_000 })
    const credential = { AUTHENTICATOR: 'SNOWFLAKE_JWT', TOKEN }
    const signedIn = await signIn(server.url, { account: ACCOUNT, user, credential, role: `"${role}"`, warehouse })
    const token = signedIn.data.token ?? ''
    const run = async (sql: string, values: string[] = []) => {
      const { success, code, data } = await execute(server.url, token, sql, values)
      return success ? data.rowset : code
    }
    return { run, token }
  }

  const setUp = async (parameters: string) => {
    options = await newListener(server)
    path = `"${options.address.database}"."RAW"."T"`
    await server.runScript(`ALTER ACCOUNT SET ${parameters}`)
    const { run, token } = await session()
    await run(`CREATE TABLE ${path} ("K" VARCHAR, "V" VARIANT)`)
    return { run, token }
  }

  test('AUTOCOMMIT: rows are gone after the session unless DDL follows them', async () => {
    const { run, token } = await setUp('AUTOCOMMIT = FALSE')
    await run(`INSERT INTO ${path} ("K") SELECT 'kept'`)
    await run(`CREATE TABLE "${options.address.database}"."RAW"."U" ("K" VARCHAR)`)
    await run(`INSERT INTO ${path} ("K") SELECT 'lost'`)
    expect(await run(`SELECT "K" FROM ${path} ORDER BY "K"`)).toEqual([['kept'], ['lost']])
    const { run: other } = await session()
    expect(await other(`SELECT "K" FROM ${path}`)).toEqual([['kept']])
    const authorization = `Snowflake Token="${token}"`
    await fetch(`${server.url}/session?delete=true`, { method: 'POST', headers: { authorization } })
    expect(await other(`SELECT "K" FROM ${path}`)).toEqual([['kept']])
  })

  test('QUOTED_IDENTIFIERS_IGNORE_CASE', async () => {
    const { run } = await setUp('QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE')
    expect(await run(`SELECT "k" FROM ${path}`)).toEqual([])
  })

  test('ERROR_ON_NONDETERMINISTIC_MERGE', async () => {
    const { run } = await setUp('ERROR_ON_NONDETERMINISTIC_MERGE = FALSE')
    await run(`INSERT INTO ${path} ("K") SELECT 'a'`)
    const source = 'SELECT GET(f.VALUE, 0)::VARCHAR AS "K" FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) f'
    const merge = `MERGE INTO ${path} t USING (${source}) s ON s."K" = t."K" WHEN MATCHED THEN UPDATE SET "K" = s."K"`
    expect(await run(merge, ['[["a"],["a"]]'])).toEqual([['1']])
  })

  test('TIMESTAMP_TYPE_MAPPING', async () => {
    const { run } = await setUp("TIMESTAMP_TYPE_MAPPING = 'TIMESTAMP_LTZ'")
    const name = path.replace('"T"', '"W"')
    await run(`CREATE TABLE ${name} ("AT" TIMESTAMP, "BE" TIMESTAMP_NTZ(3))`)
    const types = await run(`SHOW COLUMNS IN TABLE ${name}`)
    expect(types).toEqual([
      expect.arrayContaining(['AT', expect.stringContaining('TIMESTAMP_LTZ')]),
      expect.arrayContaining(['BE', expect.stringContaining('TIMESTAMP_NTZ')]),
    ])
  })

  test('JSON_INDENT and ROWS_PER_RESULTSET', async () => {
    const { run } = await setUp('JSON_INDENT = 1, ROWS_PER_RESULTSET = 1')
    const source = 'SELECT f.VALUE AS v FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) f'
    expect(await run(source, ['[{"a":1},{"a":2}]'])).toEqual([['{\n "a": 1\n}']])
  })

  test('DATE_INPUT_FORMAT and DATE_OUTPUT_FORMAT', async () => {
    const { run } = await setUp("DATE_INPUT_FORMAT = 'DD.MM.YYYY'")
    expect(await run("SELECT '2026-03-01'::DATE")).toBe('001003')
    server.account.parameters.clear()
    const { run: other } = await setUp("DATE_OUTPUT_FORMAT = 'DD.MM.YYYY'")
    expect(await other("SELECT TO_DATE('2026-03-01', 'YYYY-MM-DD')::VARCHAR")).toEqual([['01.03.2026']])
  })

  test('DEFAULT_DDL_COLLATION', async () => {
    const { run } = await setUp("DEFAULT_DDL_COLLATION = 'en-ci'")
    await run(`INSERT INTO ${path} ("K") SELECT 'a'`)
    expect(await run(`SELECT "K" FROM ${path} WHERE "K" = 'A'`)).toEqual([['a']])
  })

  test('a parameter it does not know', async () => {
    options = await newListener(server)
    const { run } = await session()
    expect(await run('ALTER SESSION SET SPEED = 1')).toBe('001006')
  })
})
