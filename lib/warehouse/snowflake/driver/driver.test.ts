import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { type Bind, sql } from '#lib/warehouse/snowflake/sql.ts'
import { type DriverSession, type ExecuteOptions, NoResponse, signIn } from './driver.ts'
import {
  type Reply,
  refused,
  type ScriptedServer,
  signedIn,
  signInAt,
  startScriptedServer,
  statementResult,
} from './scripted-server.ts'

// The traps of the driver. Each of these tests fails without its guard.

const started: ScriptedServer[] = []
const opened: DriverSession[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((session) => session.destroy()))
  await Promise.all(started.splice(0).map((server) => server.stop()))
})

const script = async (reply: Reply = () => undefined): Promise<ScriptedServer> => {
  const server = await startScriptedServer(reply)
  started.push(server)
  return server
}
const open = async (server: ScriptedServer, more = {}): Promise<DriverSession> => {
  const session = await signIn(signInAt(server.origin, more), { count: 0 })
  opened.push(session)
  return session
}
const OPTIONS: ExecuteOptions = { deadlineMs: 10_000, limit: 100 }
const onStatement =
  (body: unknown): Reply =>
  ({ path }) =>
    path.includes('query-request') ? body : undefined
const cellOf = async (type: string, wire: string | null, scale = 0) => {
  const session = await open(await script(onStatement(statementResult([{ name: 'CELL', type, scale }], [[wire]]))))
  return (await session.execute(sql`SELECT 1`, OPTIONS)).rows[0]?.[0]
}

describe('values', () => {
  test('does not run a VARIANT that is code', async () => {
    const code = '(globalThis.tracklakeRan = true, {"a": 1})'
    expect(await cellOf('variant', code)).toBe(code)
    expect(globalThis).not.toHaveProperty('tracklakeRan')
  })

  test.for(['object', 'array'])('does not run an %s that is code', async (type) => {
    await cellOf(type, '(globalThis.tracklakeRan = true, [1])').catch(() => undefined)
    expect(globalThis).not.toHaveProperty('tracklakeRan')
  })

  test('keeps a VARIANT that is XML as text', async () => {
    expect(await cellOf('variant', '<a><b>1</b></a>')).toBe('<a><b>1</b></a>')
  })

  test.for<[string, string | null, unknown, number?]>([
    ['timestamp_ntz', '1700000000.123', '2023-11-14T22:13:20.123Z', 3],
    ['timestamp_ltz', '1700000000.123', '2023-11-14T22:13:20.123Z', 3],
    ['timestamp_ntz', '-0.001', '1969-12-31T23:59:59.999Z', 3],
    ['date', '19675', '2023-11-14'],
    ['date', '-1', '1969-12-31'],
    ['fixed', '9007199254740991', 9007199254740991],
    ['fixed', '9007199254740993', '9007199254740993'],
    ['fixed', '-9007199254740993', '-9007199254740993'],
    ['fixed', '1.50', 1.5, 2],
    ['real', '1e+308', 1e308],
    ['real', '-0', -0],
    ['real', '9007199254740992', 2 ** 53],
    ['real', 'NaN', null],
    ['boolean', '1', true],
    ['boolean', 'false', false],
    ['text', 'null', 'null'],
    ['text', null, null],
    ['variant', 'null', null],
    ['variant', '"x"', 'x'],
    ['variant', '{"a":[1,null]}', { a: [1, null] }],
    ['object', '{"a":1}', { a: 1 }],
    ['fixed', null, null],
    ['date', null, null],
  ])('%s %s is %j', async ([type, wire, cell, scale]) => {
    expect(await cellOf(type, wire, scale)).toEqual(cell)
  })
})

describe('signing in', () => {
  const wrong = refused('390100', 'Incorrect username or password was specified.')

  test('a refused sign-in rejects once and is not repeated', async () => {
    const server = await script(({ path }) => (path.includes('login-request') ? wrong : undefined))
    await expect(open(server, { retries: 3 })).rejects.toMatchObject({ code: '390100' })
    expect(server.requests.filter(({ path }) => path.includes('login-request'))).toHaveLength(1)
  })

  test('gives up at the deadline when the server never responds', async () => {
    const server = await script(() => 'never')
    await expect(open(server, { deadlineMs: 200 })).rejects.toBeInstanceOf(NoResponse)
  })

  test('a host that responded once is not reused for the next connection', async () => {
    const [first, second] = [await script(), await script()]
    const options = signInAt(first.origin)
    opened.push(await signIn(options, { count: 0 }))
    expect(options).toEqual(signInAt(first.origin))
    opened.push(await signIn({ ...options, origin: second.origin }, { count: 0 }))
    expect(second.requests.map(({ path }) => path)).toContain('/session/v1/login-request')
    expect(first.requests.filter(({ path }) => path.includes('login-request'))).toHaveLength(1)
  })

  test('names keep their case, and the user is in the body', async () => {
    const server = await script()
    await open(server, { schema: 'my "raw"' })
    expect(server.requests[0]?.query.get('schemaName')).toBe('"my ""raw"""')
    expect(server.requests[0]?.query.get('roleName')).toBe('"ROLE"')
    expect(server.requests[0]?.body).toMatchObject({ data: { ACCOUNT_NAME: 'MYORG-MYACCOUNT', LOGIN_NAME: 'USER' } })
  })

  test('sends no telemetry and no platform information', async () => {
    const server = await script()
    const session = await open(server)
    await session.execute(sql`SELECT 1`, OPTIONS)
    await session.destroy()
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/session/v1/login-request',
      '/queries/v1/query-request',
      '/session',
    ])
    expect(server.requests[0]?.body).toMatchObject({ data: { CLIENT_ENVIRONMENT: { PLATFORM: ['disabled'] } } })
  })
})

describe('two listeners in one process', () => {
  // What the first account's server says must not affect the second.
  const parameters = [
    { name: 'CLIENT_STAGE_ARRAY_BINDING_THRESHOLD', value: 1 },
    { name: 'SERVICE_NAME', value: 'of-another-account' },
    { name: 'CLIENT_SESSION_KEEP_ALIVE', value: true },
    { name: 'CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY', value: 0.01 },
  ]
  const misleading: Reply = ({ path }) => (path.includes('login-request') ? signedIn(parameters) : undefined)

  test('share no header and no heartbeat', async () => {
    await open(await script(misleading))
    const server = await script()
    const session = await open(server)
    await session.execute(sql`SELECT 1`, OPTIONS)
    await session.execute(sql`SELECT 1`, OPTIONS)
    const paths = server.requests.map(({ path }) => path)
    expect(paths).toEqual(['/session/v1/login-request', '/queries/v1/query-request', '/queries/v1/query-request'])
    for (const { headers } of server.requests) expect(headers).not.toHaveProperty('x-snowflake-service')
  })

  test.for(['the other', 'the same'])('never bind through a stage because of %s account', async (which) => {
    const [first, second] = [await script(misleading), await script()]
    const session = await open(first)
    const other = await open(second)
    // An array as a bound value, which only a bug of ours could send: past a threshold the driver uses a stage.
    const values: Bind[] = JSON.parse(JSON.stringify([Array.from({ length: 100_001 }, (_, index) => index)]))
    await (which === 'the same' ? session : other).execute({ text: 'SELECT 1', values }, OPTIONS)
    const statements = (which === 'the same' ? first : second).requests.filter(({ path }) => path.includes('query'))
    expect(statements).toHaveLength(1)
    expect(Object.keys(statements[0]?.body.bindings ?? {})).toHaveLength(100_001)
  })
})

describe('statements', () => {
  test('a response that the driver cannot read ends at the deadline, and the server is told to stop', async () => {
    const { returned: _, ...data } = statementResult([{ name: 'ONE', type: 'fixed' }], [['1']]).data
    const server = await script(onStatement({ success: true, code: null, message: null, data }))
    const session = await open(server)
    await expect(session.execute(sql`SELECT 1`, { ...OPTIONS, deadlineMs: 200 })).rejects.toMatchObject({
      stopped: true,
    })
    expect(server.requests.some(({ path }) => path.endsWith('/abort-request'))).toBe(true)
  })

  test('a missing response ends at the deadline', async () => {
    const server = await script(({ path }) => (path.includes('quer') ? 'never' : undefined))
    const session = await open(server)
    const failure = session.execute(sql`SELECT 1`, { ...OPTIONS, deadlineMs: 200 })
    await expect(failure).rejects.toMatchObject({ stopped: false })
  })

  test('a failed statement is sent once', async () => {
    // Without an SQL state the driver would treat it as a temporary problem and retry.
    const server = await script(onStatement({ ...refused('001003', 'SQL compilation error'), data: {} }))
    const session = await open(server)
    await expect(session.execute(sql`SELECT 1`, OPTIONS)).rejects.toMatchObject({ code: '001003' })
    expect(server.requests.filter(({ path }) => path.includes('query-request'))).toHaveLength(1)
  })

  test('send tag and parameters, and do not modify their options', async () => {
    const server = await script()
    const session = await open(server)
    const options: ExecuteOptions = { ...OPTIONS, parameters: { ROWS_PER_RESULTSET: 7 } }
    await session.execute(sql`SELECT 1`, options)
    expect(options.parameters).toEqual({ ROWS_PER_RESULTSET: 7 })
    expect(server.requests.at(-1)?.body.parameters).toEqual({
      QUERY_TAG: '{"run":"1"}',
      MULTI_STATEMENT_COUNT: 1,
      ROWS_PER_RESULTSET: 7,
    })
  })

  test('read no more rows than requested', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => [String(index)])
    const session = await open(await script(onStatement(statementResult([{ name: 'N', type: 'fixed' }], rows))))
    expect((await session.execute(sql`SELECT 1`, { ...OPTIONS, limit: 3 })).rows).toEqual([[0], [1], [2]])
  })

  test('count every request', async () => {
    const [server, other] = [await script(), await script()]
    const trips = { count: 0 }
    const session = await signIn(signInAt(server.origin), trips)
    const otherSession = await open(other)
    await Promise.all([session.execute(sql`SELECT 1`, OPTIONS), otherSession.execute(sql`SELECT 1`, OPTIONS)])
    await session.destroy()
    expect(trips.count).toBe(3)
    expect(server.requests).toHaveLength(3)
  })

  test('signing out does not hang when the server is gone', async () => {
    const server = await script(({ path }) => (path === '/session' ? 'never' : undefined))
    const session = await open(server)
    await session.destroy()
  })
})

test('writes nothing to standard output or into the folder', async () => {
  const server = await script(({ path }) => (path.includes('query-request') ? refused('001003', 'no') : undefined))
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-silent-'))
  const urlOf = (file: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, file)).href)
  const code = `
    const { signIn } = await import(${urlOf('driver.ts')})
    const { signInAt } = await import(${urlOf('scripted-server.ts')})
    const session = await signIn(signInAt(${JSON.stringify(server.origin)}), { count: 0 })
    await session.execute({ text: 'SELECT 1', values: [] }, { deadlineMs: 5000, limit: 1 }).catch(() => undefined)
    await session.destroy()
    await signIn(signInAt('http://127.0.0.1:1'), { count: 0 }).catch(() => undefined)`
  try {
    const run = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], { cwd: folder })
    expect(run.stdout).toBe('')
    expect(run.stderr.replaceAll(/.*(ExperimentalWarning|--trace-warnings).*\n/g, '')).toBe('')
    expect(await readdir(folder)).toEqual([])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
