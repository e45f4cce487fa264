import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migratedDatabase, type TestDatabase, testDatabase } from '#testing/postgres/database.ts'
import { missingMigration } from './author-migration.ts'
import { functionFiles, migrate } from './migrate.ts'
import { withClient } from './postgres.ts'

let database: TestDatabase
let folder: string
let folders: { migrations: string; functions: string }

beforeEach(async () => {
  database = await testDatabase()
  folder = mkdtempSync(join(tmpdir(), 'tracklake-migrations-'))
  folders = { migrations: join(folder, 'migrations'), functions: join(folder, 'functions') }
  for (const path of Object.values(folders)) mkdirSync(path)
})

afterEach(async () => {
  await database.drop()
  rmSync(folder, { recursive: true })
})

function write(name: string, sql: string): void {
  mkdirSync(join(folders.migrations, name), { recursive: true })
  writeFileSync(join(folders.migrations, name, 'migration.sql'), sql)
}

function writeFunction(path: string, sql: string): void {
  mkdirSync(join(folders.functions, path, '..'), { recursive: true })
  writeFileSync(join(folders.functions, path), sql)
}

function query(sql: string, url = database.url): Promise<unknown[]> {
  return withClient(url, async (client) => (await client.query(sql)).rows)
}

/** All our functions, as Postgres prints them. */
function definitions(url: string): Promise<unknown[]> {
  return query(
    `select pg_get_functiondef(oid) as definition from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
    url,
  )
}

test('migrations and prisma/schema.prisma agree', async () => {
  const { url, drop } = await migratedDatabase()
  expect(await missingMigration(url), 'Run npm run migration -- <name>').toBe('')
  await drop()
})

test('applies missing migrations once, in order', async () => {
  write('2_songs', 'create table songs (artist text references artists (name))')
  write('1_artists', 'create table artists (name text primary key)')
  expect(await migrate(database.url, folders)).toEqual({ applied: ['1_artists', '2_songs'], changed: [] })
  write('3_more', 'insert into artists values (1); insert into artists values (2)')
  expect((await migrate(database.url, folders)).applied).toEqual(['3_more'])
  expect(await migrate(database.url, folders)).toEqual({ applied: [], changed: [] })
})

test('two concurrent processes apply each migration once', async () => {
  write('1_artists', 'create table artists (name text primary key)')
  const results = await Promise.all([migrate(database.url, folders), migrate(database.url, folders)])
  expect(results.flatMap(({ applied }) => applied)).toEqual(['1_artists'])
})

test('a failed migration changes nothing and can be corrected', async () => {
  write('1_artists', 'create table artists (name text); select * from nowhere')
  await expect(migrate(database.url, folders)).rejects.toThrow(/1_artists failed.*nowhere/)
  expect(await query(`select to_regclass('artists') as artists`)).toEqual([{ artists: null }])
  write('1_artists', 'create table artists (name text)')
  expect((await migrate(database.url, folders)).applied).toEqual(['1_artists'])
})

test('names a migration whose file was changed after it was applied', async () => {
  write('1_artists', 'create table artists (name text)')
  await migrate(database.url, folders)
  write('1_artists', 'create table artists (name varchar)')
  expect(await migrate(database.url, folders)).toEqual({ applied: [], changed: ['1_artists'] })
})

test('refuses a database that a newer version has migrated', async () => {
  write('1_artists', 'create table artists (name text)')
  await migrate(database.url, folders)
  rmSync(join(folders.migrations, '1_artists'), { recursive: true })
  await expect(migrate(database.url, folders)).rejects.toThrow("1_artists, which this version doesn't know")
})

test('refuses a database with an unfinished migration by prisma itself', async () => {
  write('1_artists', 'create table artists (name text)')
  await migrate(database.url, folders)
  await query(`update _prisma_migrations set finished_at = null`)
  await expect(migrate(database.url, folders)).rejects.toThrow('1_artists was started by another program')
})

test('a function is applied after the migrations, and again at the next start once its file has changed', async () => {
  write('1_artists', 'create table artists (name text)')
  const count = (by: number) =>
    `create or replace function counted() returns bigint language sql as 'select count(*) * ${by} from artists'`
  writeFunction('quota/counted.function.sql', count(1))
  await migrate(database.url, folders)
  await query(`insert into artists values ('one')`)
  expect(await query('select counted()')).toEqual([{ counted: '1' }])
  writeFunction('quota/counted.function.sql', count(2))
  expect(await migrate(database.url, folders)).toEqual({ applied: [], changed: [] })
  expect(await query('select counted()')).toEqual([{ counted: '2' }])
})

test('a failing function names its file and changes no function', async () => {
  writeFunction('a.function.sql', `create or replace function a() returns int language sql as 'select 1'`)
  await migrate(database.url, folders)
  writeFunction('a.function.sql', `create or replace function a() returns int language sql as 'select 2'`)
  writeFunction('b.function.sql', `create or replace function b() returns int language sql as 'select nothing'`)
  await expect(migrate(database.url, folders)).rejects.toThrow(/b\.function\.sql failed.*nothing/)
  expect(await query('select a()')).toEqual([{ a: 1 }])
})

test('a database of an earlier version gets the functions of a fresh one, one for each file', async () => {
  const { url: freshUrl, drop } = await migratedDatabase()
  const fresh = await definitions(freshUrl)
  await drop()
  expect(fresh).toHaveLength(functionFiles().length)

  const migrations = join(import.meta.dirname, '..', 'prisma', 'migrations')
  await migrate(database.url, { migrations, functions: folders.functions })
  // The earlier version had a different body.
  await query(`
    create or replace function quota_free_at(
      account text, counted_group text, left_out text, budget int, asked_at timestamptz
    ) returns timestamptz language sql stable as 'select asked_at'`)
  expect(await definitions(database.url)).not.toEqual(fresh)
  await migrate(database.url)
  expect(await definitions(database.url)).toEqual(fresh)
})
