import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ExportedFile, type ExportJob, exportFiles, type KnownFile } from './export.ts'

/** The real process; what it wrote is read back by another DuckDB without limits. */

let folder: string
let snapshot: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tracklake-export-o'brien-"))
  snapshot = join(folder, 'listener.duckdb')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function sql(path: string, ...statements: string[]): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  try {
    let rows: unknown[] = []
    for (const statement of statements) rows = (await connection.runAndReadAll(statement)).getRowObjectsJson()
    return rows
  } finally {
    connection.disconnectSync()
    instance.closeSync()
  }
}

const SCHEMA = [
  'create schema raw',
  'create schema reporting',
  'create schema tracklake',
  'create table tracklake.loads (id varchar)',
]

const PLAYS = `
  create table raw.plays (played_at timestamp, "URI" varchar, "key" integer, big hugeint, hashed ubigint, share decimal(5, 2), day date,
    artists json, kind enum('song', 'episode'))`

const ROWS = [
  `('2026-03-29 01:59:59.999', 'b', 2, 170141183460469231, 18446744073709551615, 1.25, '2026-02-28', '[{"a": 1}]', 'song')`,
  `('1969-12-31 23:59:59.001', 'عربي "quoted", a' || chr(10) || 'line', null, null, null, null, null, null, null)`,
  `('2026-03-29 01:59:59.999', 'a', 1, -1, 0, -0.5, '9999-12-31', '"x"', 'episode')`,
]

const JOB: Omit<ExportJob, 'snapshot' | 'folder' | 'known'> = {
  tables: { raw: '.', reporting: '^rpt_' },
  keys: { 'raw.plays': ['played_at', 'URI'] },
  extracts: [],
}

async function exported(change: Partial<ExportJob> = {}): Promise<Record<string, ExportedFile>> {
  const out = join(folder, 'out')
  await rm(out, { recursive: true, force: true })
  await mkdir(out)
  const files: Record<string, ExportedFile> = {}
  for await (const message of exportFiles({ ...JOB, snapshot, folder: out, known: {}, ...change }))
    if (message.type === 'file') files[message.file.name] = message.file
  return files
}

function known(files: Record<string, ExportedFile>): Record<string, KnownFile> {
  return Object.fromEntries(
    Object.values(files).map(({ name, digest, columns }) => [
      name,
      { digest, fields: Object.fromEntries(columns.map((column) => [column.name, column.id])) },
    ]),
  )
}

test('writes typed, sorted Parquet with field ids, whatever is in the cells', async () => {
  await sql(snapshot, ...SCHEMA, PLAYS, `insert into raw.plays values ${ROWS.join(', ')}`)
  await sql(
    snapshot,
    'create view reporting.rpt_days as select day, count(*) as plays from raw.plays group by day',
    'create view reporting.notes as select 1 as one',
    'create table raw."Odd ""name"".x" (a varchar)',
  )
  const files = await exported()
  expect(Object.keys(files).sort()).toEqual(['odd_name_x', 'plays', 'rpt_days'])
  const { path, columns, rows } = files.plays as ExportedFile
  expect(rows).toBe(3)
  expect(columns.map(({ name, type, id }) => `${id} ${name} ${type}`)).toEqual([
    '1 played_at timestamp',
    '2 uri text',
    '3 key integer',
    '4 big integer',
    '5 hashed double',
    '6 share double',
    '7 day date',
    '8 artists json',
    '9 kind text',
  ])
  const types = await sql(
    ':memory:',
    `select name, duckdb_type, field_id from parquet_schema('${escaped(path)}') offset 1`,
  )
  expect(types.map((type) => Object.values(type as object).join(' '))).toEqual([
    'played_at TIMESTAMP 1',
    'uri VARCHAR 2',
    'key BIGINT 3',
    'big BIGINT 4',
    'hashed DOUBLE 5',
    'share DOUBLE 6',
    'day DATE 7',
    'artists VARCHAR 8',
    'kind VARCHAR 9',
  ])
  expect(await sql(':memory:', `select distinct compression from parquet_metadata('${escaped(path)}')`)).toEqual([
    { compression: 'ZSTD' },
  ])
  const read = await sql(':memory:', `select * from '${escaped(path)}'`)
  expect(read.map((row) => (row as { uri: string }).uri)).toEqual(['عربي "quoted", a\nline', 'a', 'b'])
  expect(read[2]).toEqual({
    played_at: '2026-03-29 01:59:59.999',
    uri: 'b',
    key: '2',
    big: '170141183460469231',
    hashed: 18446744073709552000,
    share: 1.25,
    day: '2026-02-28',
    artists: '[{"a": 1}]',
    kind: 'song',
  })
})

const escaped = (path: string | null | undefined) => String(path).replaceAll("'", "''")

test('writes a table again if any cell changed, and not if only the order of rows did', async () => {
  await sql(
    snapshot,
    ...SCHEMA,
    PLAYS,
    `insert into raw.plays values ${ROWS.join(', ')}`,
    'create table raw.songs as select 1 as id',
  )
  const first = await exported()
  expect(Object.values(await exported({ known: known(first) })).map(({ path }) => path)).toEqual([null, null])

  await sql(snapshot, 'delete from raw.plays', `insert into raw.plays values ${ROWS.toReversed().join(', ')}`)
  expect((await exported({ known: known(first) })).plays).toMatchObject({ path: null, rows: 3 })

  for (const change of [
    'update raw.plays set share = 1.26 where share = 1.25',
    `update raw.plays set artists = '[]' where artists is null`,
    `insert into raw.plays values ${ROWS[0]}`,
    'delete from raw.plays where "URI" = \'a\'',
    'alter table raw.plays rename column big to bigger',
  ]) {
    const before = known(await exported())
    await sql(snapshot, change)
    const after = await exported({ known: before })
    expect([after.plays?.path === null, after.songs?.path], change).toEqual([false, null])
  }
})

test('a column keeps its field id for ever, also when others come and go', async () => {
  await sql(snapshot, ...SCHEMA, 'create table raw.plays (a integer, b integer)')
  const first = known(await exported())
  await sql(snapshot, 'drop table raw.plays', 'create table raw.plays (c integer, b integer, d integer)')
  const fields = (await exported({ known: first })).plays?.columns.map(({ name, id }) => `${name} ${id}`)
  expect(fields).toEqual(['c 3', 'b 2', 'd 4'])
})

test('extracts use the first query whose tables exist', async () => {
  await sql(
    snapshot,
    ...SCHEMA,
    "create table raw.albums as select 'a' as id, 'Älbum, \"one\"' as name union all select 'b', null",
  )
  const extract = (requires: string[], query: string) => ({
    extracts: [
      {
        name: 'album_data',
        columns: { id: 'text', name: 'text' },
        queries: [
          { requires: ['raw.missing'], sql: 'select x' },
          { requires, sql: query },
        ],
      } satisfies ExportJob['extracts'][number],
    ],
  })
  const { album_data } = await exported(extract(['raw.albums'], 'select id, name from raw.albums'))
  expect(await readFile(String(album_data?.path), 'utf8')).toBe('id,name\na,"Älbum, ""one"""\nb,\n')
  expect(Object.keys(await exported(extract(['raw.none'], 'select 1')))).toEqual(['albums'])
})

test('a view whose table is gone is named, and the others are written', async () => {
  await sql(
    snapshot,
    ...SCHEMA,
    'create table raw.a as select 1 as x',
    'create view reporting.rpt_a as select x from raw.a',
  )
  await sql(snapshot, 'drop table raw.a', 'create table raw.b as select 2 as y')
  const messages = []
  await mkdir(join(folder, 'out'))
  for await (const message of exportFiles({ ...JOB, snapshot, folder: join(folder, 'out'), known: {} }))
    messages.push(message)
  expect(messages).toMatchObject([
    { type: 'start', total: 2 },
    { type: 'file', file: { name: 'b' } },
    { type: 'broken view', name: 'rpt_a', problem: expect.stringContaining('Table with name a does not exist') },
    { type: 'done' },
  ])
})

test('an empty snapshot gives no files', async () => {
  await sql(snapshot, ...SCHEMA)
  expect(await exported()).toEqual({})
})

test.for([
  ["select content as x from read_text('/etc/passwd')", 'disabled by configuration'],
  ["select count(*) as x from read_csv('/proc/self/environ')", 'disabled by configuration'],
  ["select * from glob('../*')", 'disabled by configuration'],
  ["select content as x from read_text(getenv('HOME'))", 'getenv'],
])('the process can’t reach other files: %s', async ([query = '', cause]) => {
  await sql(snapshot, ...SCHEMA)
  const extracts = [{ name: 'x', columns: { x: 'text' as const }, queries: [{ requires: [], sql: query }] }]
  const failure = await exported({ extracts }).catch((error: unknown) => error)
  expect(failure).toMatchObject({ recovery: 'retry', cause: { message: expect.stringContaining(cause ?? '') } })
})

test('a process that hangs or is no longer wanted is killed', async () => {
  await sql(snapshot, ...SCHEMA)
  const extracts = [
    {
      name: 'x',
      columns: { x: 'text' as const },
      queries: [{ requires: [], sql: "select lpad('x', 1000000000, md5(i::varchar)) as x from range(100) t(i)" }],
    },
  ]
  const job: ExportJob = { ...JOB, snapshot, folder: join(folder, 'out'), known: {}, extracts }
  await mkdir(job.folder)
  const drain = async (options: Parameters<typeof exportFiles>[1]) => {
    for await (const _ of exportFiles(job, options));
  }
  await expect(drain({ maxSilenceMs: 1_500 })).rejects.toMatchObject({ recovery: 'retry' })
  const stop = new AbortController()
  const stopped = drain({ signal: stop.signal })
  stop.abort(new Error('superseded'))
  await expect(stopped).rejects.toThrow('superseded')
  expect(existsSync(snapshot)).toBe(true)
})
