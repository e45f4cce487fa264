import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Table } from '#lib/core/table.ts'
import { counts } from '#lib/warehouse/every-warehouse.ts'
import { checkConnection } from '#lib/warehouse/snowflake/check/check.ts'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { needsWarehouse } from '#lib/warehouse/snowflake/driver/session.ts'
import { openSnowflake } from '#lib/warehouse/snowflake/snowflake.ts'
import { inBatches, loadOf, song, songs } from '#lib/warehouse/testing.ts'
import type { ExternalWarehouse } from '#lib/warehouse/warehouse.ts'
import { newListener } from './listener.ts'
import { startSnowflakeServer } from './server.ts'
import type { SnowflakeServer } from './snowflake-server.ts'

// Which statements cost money, and how few of them look something up.
let server: SnowflakeServer
let options: SnowflakeOptions
let warehouse: ExternalWarehouse

beforeAll(async () => {
  server = await startSnowflakeServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  options = await newListener(server)
  warehouse = openSnowflake(options)
  server.clearTraffic()
})
afterEach(() => warehouse.close())

const texts = () => server.statements().map(({ text }) => text)
const raw = () => server.account.schema(options.address.database, 'RAW')
const named = (name: string): Table => ({ ...songs, name })

test('counts exactly the billed statements as warehouse work', async () => {
  await checkConnection({ ...options, tables: ['songs'] })
  await warehouse.load(loadOf([song('a')]))
  await warehouse.load(loadOf([song('a', 2), song('b')], { mode: 'merge' }))
  const large = Array.from({ length: 12_000 }, (_, at) => song(`f${at}`, at, { title: 'x'.repeat(500) }))
  await warehouse.load(loadOf([], { table: named('large'), rows: inBatches(large, 1000) }))
  await warehouse.load(
    loadOf([song('a', 1, { mood: 'calm' })], { table: { ...songs, columns: { ...songs.columns, mood: 'text' } } }),
  )
  await warehouse.flush()
  await warehouse.existing('raw', ['songs'])
  await warehouse.digests([songs])
  const statements = server.statements()
  // Before the first claim there is no table to select from, so nothing ran.
  const ran = statements.filter(({ text }) => needsWarehouse(text) && !text.startsWith('SELECT o.'))
  expect(ran.filter(({ usedWarehouse }) => !usedWarehouse).map(({ text }) => text)).toEqual([])
  expect(statements.filter(({ text, usedWarehouse }) => usedWarehouse && !needsWarehouse(text))).toEqual([])
  expect(new Set(statements.map(({ text }) => text.split(' ')[0]))).toEqual(
    new Set(['ALTER', 'COPY', 'CREATE', 'DROP', 'INSERT', 'MERGE', 'PUT', 'SELECT', 'SHOW']),
  )
})

test('a session that only looks is not billed', async () => {
  expect(await warehouse.existing('raw', ['songs'])).toEqual([])
  expect(warehouse.usage()).toMatchObject({ warehouseMs: 0 })
  await warehouse.load(loadOf([song('a')]))
  expect(warehouse.usage().warehouseMs).toBeGreaterThan(0)
})

test('a first load lists the schema once, whatever the number of tables', async () => {
  for (const name of ['one', 'two', 'three', 'four']) await warehouse.load(loadOf([song('a')], { table: named(name) }))
  await warehouse.flush()
  expect(texts().filter((text) => text.startsWith('SHOW'))).toEqual([
    `SHOW TABLES IN SCHEMA "${options.address.database}"."RAW"`,
  ])
  expect(texts().join('\n')).not.toContain('INFORMATION_SCHEMA')
})

test('a reinstallation lists tables and columns once each', async () => {
  const tables = ['one', 'two', 'three'].map(named)
  for (const table of tables) await warehouse.load(loadOf([song('a')], { table }))
  await warehouse.flush()
  server.clearTraffic()
  const again = openSnowflake({ ...options, memory: {} })
  for (const table of tables) await again.load(loadOf([song('a')], { table, readId: `again ${table.name}` }))
  await again.close()
  expect(texts().filter((text) => /^(SHOW|CREATE|ALTER TABLE)/.test(text))).toEqual([
    `SHOW TABLES IN SCHEMA "${options.address.database}"."RAW"`,
    `SHOW COLUMNS IN SCHEMA "${options.address.database}"."RAW"`,
  ])
})

test('seven new columns are one ALTER', async () => {
  await warehouse.load(loadOf([song('a')]))
  server.clearTraffic()
  const added = Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`mood_${at}`, 'text' as const]))
  const values = Object.fromEntries(Object.keys(added).map((name) => [name, 'x']))
  const table = { ...songs, columns: { ...songs.columns, ...added } }
  await warehouse.load(loadOf([song('a', 1, values)], { table }))
  expect(texts().filter((text) => text.startsWith('ALTER TABLE'))).toHaveLength(1)
  const [row] = await warehouse.query(`select mood_0, mood_6 from ${warehouse.table('raw', 'songs')}`, [])
  expect(row).toEqual({ mood_0: 'x', mood_6: 'x' })
})

test('finds a column that another session just added, and adds the rest', async () => {
  await warehouse.load(loadOf([song('a')]))
  const table = { ...songs, columns: { ...songs.columns, mood: 'text', key: 'text' } } as const
  await warehouse.existing('raw', ['songs'])
  await warehouse.load(loadOf([song('a')], { table: named('warm') }))
  await server.runScript(`ALTER TABLE "${options.address.database}"."RAW"."SONGS" ADD COLUMN "MOOD" VARCHAR`)
  expect(await warehouse.load(loadOf([song('a', 1, { mood: 'calm', key: 'c' })], { table }))).toEqual(
    counts({ changed: 1 }),
  )
})

test('copies a file from its own folder, not from one whose name starts the same', async () => {
  const rows = (title: string) =>
    Array.from({ length: 12_000 }, (_, at) => song(`${title}${at}`, at, { title: title.repeat(500) }))
  // The copy of read-10 fails, so its file stays on the stage.
  server.injectFault({
    at: 'statement',
    user: options.address.user,
    matching: '^COPY',
    times: 1,
    effect: { kind: 'refuse', code: '091003', message: 'refused' },
  })
  await warehouse.load(loadOf([], { readId: 'read-10', table: named('x'), rows: inBatches(rows('b'), 1000) }))
  server.clearFaults()
  await warehouse.load(loadOf([], { readId: 'read-1', table: named('x'), rows: inBatches(rows('a'), 1000) }))
  const sql = `select count(*) as n from ${warehouse.table('raw', 'x')}`
  expect(await warehouse.query(sql, [])).toEqual([{ n: 12_000 }])
})

describe('a schema shared with others', () => {
  const fill = (columns: Map<string, string>) => {
    for (let at = 0; at < 2_600; at++) {
      const name = `FOREIGN_${at}`
      raw()?.tables.set(name, { name, owner: options.address.role, comment: null, collation: '', columns })
    }
  }
  const four = new Map(['A', 'B', 'C', 'D'].map((name) => [name, 'TEXT']))

  test('looks up each table separately if the schema has more columns than Snowflake lists', async () => {
    await warehouse.load(loadOf([song('a')]))
    await warehouse.flush()
    fill(four)
    const again = openSnowflake({ ...options, memory: {} })
    expect(await again.load(loadOf([song('a')], { readId: 'again' }))).toEqual(counts({ unchanged: 1 }))
    await again.close()
    expect(texts()).toContain(`SHOW COLUMNS IN TABLE "${options.address.database}"."RAW"."SONGS"`)
  })

  test('never touches an unlisted table that has one of our names', async () => {
    await warehouse.load(loadOf([song('a')], { table: named('other') }))
    raw()?.tables.set('SONGS', { name: 'SONGS', owner: 'ACCOUNTADMIN', comment: null, collation: '', columns: four })
    await expect(warehouse.load(loadOf([song('a')]))).rejects.toMatchObject({
      recovery: 'stop',
      message: expect.stringContaining('SONGS'),
    })
    expect(texts().filter((text) => /^(INSERT|MERGE|ALTER TABLE|DROP).*"SONGS"/.test(text))).toEqual([])
  })
})
