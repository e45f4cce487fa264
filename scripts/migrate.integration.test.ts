import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migratedDatabase, type TestDatabase, testDatabase } from '#testing/postgres/database.ts'
import { missingMigration } from './author-migration.ts'
import { migrate } from './migrate.ts'
import { withClient } from './postgres.ts'

let database: TestDatabase
let folder: string

beforeEach(async () => {
  database = await testDatabase()
  folder = mkdtempSync(join(tmpdir(), 'tracklake-migrations-'))
})

afterEach(async () => {
  await database.drop()
  rmSync(folder, { recursive: true })
})

function write(name: string, sql: string): void {
  mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, name, 'migration.sql'), sql)
}

function ask(sql: string): Promise<unknown[]> {
  return withClient(database.url, async (client) => (await client.query(sql)).rows)
}

test('migrations and prisma/schema.prisma agree', async () => {
  const { url, drop } = await migratedDatabase()
  expect(await missingMigration(url), 'Run npm run migration -- <name>').toBe('')
  await drop()
})

test('applies what is missing, in order, once', async () => {
  write('2_songs', 'create table songs (artist text references artists (name))')
  write('1_artists', 'create table artists (name text primary key)')
  expect(await migrate(database.url, folder)).toEqual({ applied: ['1_artists', '2_songs'], changed: [] })
  write('3_more', 'insert into artists values (1); insert into artists values (2)')
  expect((await migrate(database.url, folder)).applied).toEqual(['3_more'])
  expect(await migrate(database.url, folder)).toEqual({ applied: [], changed: [] })
})

test('two processes that migrate at once apply each migration once', async () => {
  write('1_artists', 'create table artists (name text primary key)')
  const results = await Promise.all([migrate(database.url, folder), migrate(database.url, folder)])
  expect(results.flatMap(({ applied }) => applied)).toEqual(['1_artists'])
})

test('a failing migration leaves nothing behind and can be corrected', async () => {
  write('1_artists', 'create table artists (name text); select * from nowhere')
  await expect(migrate(database.url, folder)).rejects.toThrow(/1_artists failed.*nowhere/)
  expect(await ask(`select to_regclass('artists') as artists`)).toEqual([{ artists: null }])
  write('1_artists', 'create table artists (name text)')
  expect((await migrate(database.url, folder)).applied).toEqual(['1_artists'])
})

test('names a migration whose file was changed after it was applied', async () => {
  write('1_artists', 'create table artists (name text)')
  await migrate(database.url, folder)
  write('1_artists', 'create table artists (name varchar)')
  expect(await migrate(database.url, folder)).toEqual({ applied: [], changed: ['1_artists'] })
})

test('refuses a database that a newer version has migrated', async () => {
  write('1_artists', 'create table artists (name text)')
  await migrate(database.url, folder)
  rmSync(join(folder, '1_artists'), { recursive: true })
  await expect(migrate(database.url, folder)).rejects.toThrow('1_artists, which this version does not know')
})

test('refuses a database on which prisma itself left a migration unfinished', async () => {
  write('1_artists', 'create table artists (name text)')
  await migrate(database.url, folder)
  await ask(`update _prisma_migrations set finished_at = null`)
  await expect(migrate(database.url, folder)).rejects.toThrow('1_artists was begun by another program')
})
