import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runSandboxed, type SandboxedQuery } from './sandbox.ts'

let folder: string
let path: string

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tracklake-sandbox-')))
  path = join(folder, '7.duckdb')
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  await connection.run(`
    create schema raw;
    create table raw.plays as
      select range as id, 'song ' || (range % 100) as name, timestamp '2026-01-01' + interval (range) minute as played_at
      from range(20000);
    create table raw.nothing (a integer);
    checkpoint`)
  connection.disconnectSync()
  instance.closeSync()
  await writeFile(join(folder, 'secret.csv'), 'a\n1\n')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const LIMITS = { deadlineMs: 10_000, rows: 10_000, bytes: 5 * 1024 * 1024, cellCharacters: 10_000, nameCharacters: 200 }

async function run(sql: string, params: Record<string, string> = {}, options: Partial<SandboxedQuery> = {}) {
  const rows: unknown[][] = []
  const query = { path, sql, params, signal: new AbortController().signal, ...LIMITS, ...options }
  const result = await runSandboxed(query, (json) => void rows.push(JSON.parse(json)))
  return { ...result, rows }
}

/** How a query ends: with the code of its refusal. */
const endOf = (sql: string, options?: Partial<SandboxedQuery>) =>
  run(sql, {}, options).then(
    () => 'result',
    (error) => error.code ?? error.message,
  )

const FOREVER = 'with recursive a as (select 1 as x union all select x + 1 from a) select count(*) from a'

// Each is stopped after half a second, or two seconds later if it doesn't notice.
test.for<[hazard: string, sql: string]>([
  ['an endless recursion', FOREVER],
  ['a cross join of 1e12 rows', 'select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = 3'],
  ['a sorted cross join', 'select * from range(100000) a, range(100000) b order by a.range * b.range desc limit 3'],
  ['a function that waits', 'select sleep_ms(60000)'],
  [
    'an exponential tree of subqueries',
    `with t0 as (from range(10)), ${[1, 2, 3, 4, 5, 6].map((at) => `t${at} as (select a.range from t${at - 1} a, t${at - 1} b)`)}
     select count(*) from t6 where range = 3 and random() > 2`,
  ],
])('%s is stopped', async ([, sql]) => expect(await endOf(sql, { deadlineMs: 500 })).toBe('too-slow'))

test('75 natural joins, which nothing interrupts, are killed', async () => {
  const joins = Array.from({ length: 75 }, (_, at) => `natural join raw.plays p${at}`).join(' ')
  expect(await endOf(`select count(*) from raw.plays p ${joins}`, { deadlineMs: 500 })).toBe('too-slow')
})

test.for<[hazard: string, sql: string]>([
  ['a text of 2 GB', `select length(repeat('x', 2000000000))`],
  ['a text that is filled up to 1 GB', `select lpad('x', 1000000000, 'y')`],
  [
    'a text that doubles',
    `with recursive a as (select 'x' as x union all select x || x from a) select max(length(x)) from a`,
  ],
  ['a list of 200 million items', 'select len(list(range)) from range(200000000)'],
  ['texts of 100 kB in every row', `select repeat('x', 100000 + range::integer) from range(100000)`],
])('%s takes too much memory', async ([, sql]) =>
  // A busy machine may need more than ten seconds to fill it.
  expect(await endOf(sql, { deadlineMs: 50_000 })).toBe('too-much-memory'),
)

test.for([
  `copy raw.plays to 'out.csv'`,
  `attach 'other.duckdb'`,
  'install httpfs',
  `select * from read_csv('secret.csv')`,
  `select * from 'secret.csv'`,
  `select * from glob('*')`,
  'set threads = 8',
  `pragma memory_limit = '8GB'`,
  'insert into raw.nothing values (1)',
  'create temp table x as select 1',
  'call enable_logging()',
  'explain analyze insert into raw.nothing values (1)',
  `select getenv('HOME')`,
  'select 1; select 2',
  '-- nothing',
  'pivot raw.plays on name using count(*)',
  'select ?',
])('%s is refused', async (sql) => expect(await endOf(sql)).toBe('bad-sql'))

test.for(['(', '[', 'not '])('60,000 characters of "%s" are refused', async (part) =>
  expect(await endOf(`select ${part.repeat(60_000 / part.length)}`)).toBe('bad-sql'),
)

test('a refusal says what DuckDB says, without the place of the file', async () => {
  await expect(run('select nme\nfrom raw.plays')).rejects.toMatchObject({
    status: 400,
    message: 'Binder Error: Referenced column "nme" not found in FROM clause!',
    fields: { sql: expect.stringMatching(/Candidate bindings: "name"[\s\S]*LINE 1: select nme/) },
  })
  await expect(run('select x y z')).rejects.toMatchObject({ message: 'Parser Error: syntax error at or near "z"' })
  const { rows } = await run('select path from duckdb_databases() union all select value from duckdb_settings()')
  expect(JSON.stringify(rows)).toContain('7.duckdb')
  expect(JSON.stringify(rows)).not.toContain(folder)
  const refused = await run(`select error('${path}')`).catch((error) => JSON.stringify(error.fields))
  expect(refused).not.toContain(folder)
})

test('a result has every type without losing digits, and is cut where it is too long', async () => {
  const { columns, rows } = await run(`
    select 9007199254740993 as big, hash(1) as hash, 1e300 * 1e300 as infinite, 1.10::decimal(10, 2) as price,
      12345678901234567.8::decimal(20, 1) as precise, [1, null] as list, {'a': {'b': date '2026-02-28'}} as struct,
      map {'k': 2} as map, '{"a": [1]}'::json as json, 'ab\\xFF'::blob as blob, timestamp '2026-03-29 01:59:59.999' as at,
      timestamptz '2026-03-29 03:30:00+02' as zoned, null as nothing, true as yes, '\u2028 ''🎵' as text,
      repeat('🎵', 6000) as long, list_transform(range(5000), x -> 'item') as items`)
  expect(Object.fromEntries(columns.map(({ name }, index) => [name, rows[0]?.[index]]))).toMatchObject({
    big: '9007199254740993',
    hash: '4717996019076358352',
    infinite: 'Infinity',
    price: 1.1,
    precise: '12345678901234567.8',
    list: [1, null],
    struct: { a: { b: '2026-02-28' } },
    map: [{ key: 'k', value: 2 }],
    json: '{"a": [1]}',
    blob: 'ab\\xFF',
    at: '2026-03-29T01:59:59.999Z',
    zoned: '2026-03-29T01:30:00.000Z',
    nothing: null,
    yes: true,
    text: "\u2028 '🎵",
    long: `${'🎵'.repeat(5000)}…`,
    items: [...Array.from({ length: 1_000 }, () => 'item'), '…'],
  })
  expect(columns.slice(0, 6).map(({ type }) => type)).toEqual([
    'BIGINT',
    'UBIGINT',
    'DOUBLE',
    'DECIMAL(10,2)',
    'DECIMAL(20,1)',
    'INTEGER[]',
  ])
})

test('a huge result ends at its limits', async () => {
  const many = await run('select * from range(40000000000)')
  expect([many.rows.length, many.truncated]).toEqual([10_000, true])
  const whole = await run('from range(10000)')
  expect([whole.rows.length, whole.truncated]).toEqual([10_000, false])
  const large = await run(`select repeat('x', 9000) from range(2000)`)
  expect(large.truncated).toBe(true)
  expect(JSON.stringify(large.rows).length).toBeLessThan(5 * 1024 * 1024)
})

test('odd questions are answered', async () => {
  const cases = Array.from({ length: 300 }).reduce((inner) => `case when true then ${inner} end`, '1')
  const [nested] = (await run(`select ${cases}`)).columns
  expect(nested?.name).toHaveLength(201)
  const wide = await run(`select ${Array.from({ length: 10_000 }, (_, at) => `${at} as c${at}`)}`)
  expect([wide.columns.length, wide.rows[0]?.length]).toEqual([10_000, 10_000])
  const names = await run(`select 1 as "a ""quoted"" . 'name'", 2 as same, 3 as same, 4 as "${'n'.repeat(300)}"`)
  expect(names.columns.map(({ name }) => name)).toEqual([
    `a "quoted" . 'name'`,
    'same',
    'same_1',
    `${'n'.repeat(200)}…`,
  ])
  const deep = await run(`select '${'['.repeat(30_000)}${']'.repeat(30_000)}'::json as deep`)
  expect(String(deep.rows[0]?.[0])).toHaveLength(10_001)
  const explained = await run('explain select count(*) from raw.plays')
  expect(explained.rows[0]?.[0]).toBe('physical_plan')
  for (const listing of ['show all tables', 'describe raw.plays', 'from raw.plays limit 1;', 'select 1 -- done'])
    expect((await run(listing)).rows.length, listing).toBeGreaterThan(0)
})

test('parameters are bound as the type that the query needs, never pasted', async () => {
  const injected = `x'; drop table raw.plays; --`
  const { rows } = await run(
    'select $Text, id from raw.plays where id > $above and played_at < $before order by id desc limit $most',
    { text: injected, above: '5', before: '2026-01-01 00:10', most: '2' },
  )
  expect(rows).toEqual([
    [injected, 9],
    [injected, 8],
  ])
  await expect(run('select $a')).rejects.toMatchObject({
    status: 400,
    code: 'wrong-parameter',
    fields: { a: expect.any(String) },
  })
  await expect(run('select 1', { b: '1' })).rejects.toMatchObject({
    code: 'wrong-parameter',
    fields: { b: expect.any(String) },
  })
  await expect(run('select 1 from raw.plays where id = $n', { n: 'abc' })).rejects.toMatchObject({
    code: 'wrong-parameter',
    message: expect.stringContaining("Could not convert string 'abc'"),
  })
})

test('a canceled query is killed, also before it starts', async () => {
  const running = new AbortController()
  const waiting = expect(run(FOREVER, {}, { signal: running.signal })).rejects.toMatchObject({
    code: 'query-cancelled',
  })
  running.abort()
  await waiting
  await expect(run('select 1', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'query-cancelled' })
})

/** Processes that have the snapshot open. */
function processesWithIt(): string[] {
  const isOpenIn = (pid: string) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === path)
    } catch {
      return false
    }
  }
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isOpenIn(pid))
}

test.runIf(process.platform === 'linux')('a query ends with the process that started it', async () => {
  const query = { path, sql: FOREVER, params: {}, ...LIMITS, deadlineMs: 300_000 }
  const source = `
    import { runSandboxed } from ${JSON.stringify(join(import.meta.dirname, 'sandbox.ts'))}
    await runSandboxed({ ...${JSON.stringify(query)}, signal: new AbortController().signal }, () => undefined)`
  const parent = spawn(process.execPath, ['--import', './scripts/stripped.mjs', '--input-type=module', '-e', source], {
    stdio: 'ignore',
  })
  await expect.poll(processesWithIt, { timeout: 20_000 }).toHaveLength(1)
  parent.kill('SIGKILL')
  await once(parent, 'close')
  await expect.poll(processesWithIt, { timeout: 20_000 }).toHaveLength(0)
})
