import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Row, Table } from '#lib/core/table.ts'
import { counts } from '#lib/warehouse/every-warehouse.ts'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { openSnowflake } from '#lib/warehouse/snowflake/snowflake.ts'
import { inBatches, loadOf, song, songs } from '#lib/warehouse/testing.ts'
import type { ExternalWarehouse } from '#lib/warehouse/warehouse.ts'
import { REFUSALS } from './faults.ts'
import { newListener } from './listener.ts'
import { startSnowflakeServer } from './server.ts'
import type { SnowflakeServer } from './snowflake-server.ts'

// How many statements a load needs, and how large they are, because each one costs.
let server: SnowflakeServer
let options: SnowflakeOptions
let warehouse: ExternalWarehouse

beforeAll(async () => {
  server = await startSnowflakeServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  await warehouse?.close()
  server.clearFaults()
  options = await newListener(server)
  warehouse = openSnowflake(options)
  // The first load marks the schema and creates the table.
  await warehouse.load(loadOf([song('first')]))
  await warehouse.flush()
  await warehouse.close()
  warehouse = openSnowflake(options)
  server.clearTraffic()
  return () => warehouse.close()
})

const MEGABYTE = 1_048_576
const texts = () => server.statements().map(({ text }) => text)
const many = (count: number, title: string) => Array.from({ length: count }, (_, i) => song(`s${i}`, i, { title }))

/** Bytes of the serialized rows, which limit the number of statements. */
const bytesOf = (rows: Row[]) => rows.reduce((sum, row) => sum + JSON.stringify(Object.values(row)).length, 0)

test.for([1, 1000, 25_000])('%i rows need no more statements than their size allows', async (count) => {
  const rows = many(count, 'Song')
  const found = await warehouse.load(loadOf([], { rows: inBatches(rows, 1000) }))
  expect(found).toEqual(counts({ new: count, removed: 1 }))
  const [session, opening, ...load] = server.statements()
  expect(session?.text).toMatch(/^ALTER SESSION/)
  expect(opening?.text).toMatch(/TRACKLAKE_OWNER/)
  expect(load.length).toBeLessThanOrEqual(Math.ceil(bytesOf(rows) / MEGABYTE) + 4)
  for (const { bindSizes } of server.statements())
    for (const size of bindSizes) expect(size).toBeLessThanOrEqual(MEGABYTE)
  expect(server.traffic().failures).toEqual([])
})

test('an unchanged load costs the session, the opening, one comparison and the ledger entry', async () => {
  await warehouse.load(loadOf([song('first')]))
  await warehouse.flush()
  await warehouse.close()
  expect(texts()).toHaveLength(4)
  expect(texts().slice(1).join('\n')).not.toMatch(/CREATE|ALTER|SHOW|INSERT OVERWRITE|MERGE/)
  expect(server.traffic().requests).toEqual({ 'sign-in': 1, statement: 4, 'sign-out': 1 })
  expect(warehouse.usage()).toMatchObject({ statements: 4, roundTrips: 6 })
})

test('known tables are not looked up again', async () => {
  await warehouse.load(loadOf([song('first', 2)]))
  expect(texts().join('\n')).not.toMatch(/CREATE|ALTER TABLE|SHOW/)
})

test('more than 5 MB go through a file, in at most 6 statements', async () => {
  const rows = many(12_000, 'x'.repeat(500))
  expect(bytesOf(rows)).toBeGreaterThan(5_000_000)
  const found = await warehouse.load(loadOf([], { rows: inBatches(rows, 1000) }))
  expect(found).toEqual(counts({ new: 12_000, removed: 1 }))
  const [, , ...load] = texts()
  expect(load.length).toBeLessThanOrEqual(6)
  expect(load.filter((text) => /^(PUT|COPY INTO)/.test(text))).toHaveLength(2)
  const sql = `select count(*) as n from ${warehouse.table('raw', 'songs')} where title = ?`
  const [row] = await warehouse.query(sql, ['x'.repeat(500)])
  expect(row).toEqual({ n: 12_000 })
})

test.for([
  ['the stage is refused', { at: 'statement', matching: '^PUT', effect: REFUSALS.stageRefused }],
  ['the file does not arrive', { at: 'statement', matching: '^COPY', effect: REFUSALS.stageRefused }],
] as const)('if %s, the rows are sent in chunks', async ([, fault]) => {
  server.injectFault(fault)
  const rows = many(12_000, 'x'.repeat(500))
  const found = await warehouse.load(loadOf([], { rows: inBatches(rows, 1000) }))
  expect(found).toEqual(counts({ new: 12_000, removed: 1 }))
  expect(texts().filter((text) => text.startsWith('INSERT INTO'))).toHaveLength(Math.ceil(bytesOf(rows) / MEGABYTE))
  const [row] = await warehouse.query(`select count(*) as n from ${warehouse.table('raw', 'songs')}`, [])
  expect(row).toEqual({ n: 12_000 })
})

test('every statement is tagged with its run and has a time limit', async () => {
  await warehouse.load(loadOf(many(10, 'x')))
  await warehouse.flush()
  for (const { text, tag, parameters, role } of server.statements()) {
    expect(JSON.parse(tag)).toMatchObject(options.tag)
    if (!text.startsWith('ALTER SESSION')) expect(parameters.STATEMENT_TIMEOUT_IN_SECONDS).toBeGreaterThan(0)
    expect(role).toBe(options.address.role)
  }
})

test('no load opens a transaction that a killed process could leave behind', async () => {
  const items: Table = { ...songs, name: 'items', key: ['song_id'] }
  await warehouse.load(
    loadOf(many(3, 'x'), {
      table: items,
      mode: 'replace part',
      parts: { column: 'song_id', values: ['s0', 's1', 's2'] },
    }),
  )
  await warehouse.load(loadOf(many(3, 'y'), { table: items, mode: 'merge' }))
  await warehouse.flush()
  expect(texts().filter((text) => /^(BEGIN|COMMIT|ROLLBACK|START)/i.test(text))).toEqual([])
})
