import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { columnTypeOf } from './catalog.ts'
import { SQL_TYPES } from './cells.ts'
import { openDuckdb } from './duckdb.ts'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-catalog-'))
  file = join(folder, 'listener.duckdb')
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Writes a file that this version doesn't know. */
async function write(...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  for (const statement of statements) await connection.run(statement)
  connection.disconnectSync()
  instance.closeSync()
}

test('lists tables and views of the four schemas only, with the types of their columns', async () => {
  await write(
    'create schema raw',
    'create schema reporting',
    'create schema tracklake',
    'create table raw.plays (uri varchar, played_at timestamp, day date, ms bigint, context json)',
    'create table tracklake.loads (id varchar)',
    'create table main.other (id varchar)',
    `create view reporting.rpt_days as
     select day, count(*)::hugeint as plays, avg(ms) as mean, sum(ms)::decimal(18, 2) as total, list(uri) as uris, {a: 1} as pair,
            max(played_at)::timestamptz as latest, true as known, time '12:00' as noon
     from raw.plays group by day`,
  )
  const warehouse = await openDuckdb(file)
  expect(await warehouse.catalog()).toEqual([
    {
      schema: 'raw',
      name: 'plays',
      isView: false,
      columns: { uri: 'text', played_at: 'timestamp', day: 'date', ms: 'integer', context: 'json' },
    },
    {
      schema: 'reporting',
      name: 'rpt_days',
      isView: true,
      columns: {
        day: 'date',
        plays: 'integer',
        mean: 'double',
        total: 'double',
        uris: 'json',
        pair: 'json',
        latest: 'timestamp',
        known: 'boolean',
        noon: 'text',
      },
    },
  ])
  await warehouse.close()
})

test('knows the types of loaded columns again', () => {
  expect(Object.fromEntries(Object.entries(SQL_TYPES).map(([type, sql]) => [type, columnTypeOf(sql)]))).toEqual(
    Object.fromEntries(Object.keys(SQL_TYPES).map((type) => [type, type])),
  )
})

test('counts rows, and the bytes of what is in the file', async () => {
  await write(
    'create schema raw',
    'create table raw.many as select md5(i::varchar) as id from range(50000) t(i)',
    'create table raw."none, it\'s said" (id varchar)',
  )
  const warehouse = await openDuckdb(file)
  const [many, none] = await warehouse.sizes([
    { schema: 'raw', name: 'many' },
    { schema: 'raw', name: "none, it's said" },
  ])
  expect(none).toEqual({ rows: 0, bytes: 0 })
  expect(many?.rows).toBe(50_000)
  expect(many?.bytes).toBeGreaterThan(50_000 * 16)
  await warehouse.close()
})
