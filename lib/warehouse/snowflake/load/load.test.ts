import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Row, Table } from '#lib/core/table.ts'
import { counts } from '#lib/warehouse/every-warehouse.ts'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { openSnowflake } from '#lib/warehouse/snowflake/snowflake.ts'
import { loadOf, song, songs } from '#lib/warehouse/testing.ts'
import type { ExternalWarehouse } from '#lib/warehouse/warehouse.ts'
import { REFUSALS } from '#testing/snowflake/faults.ts'
import { newListener } from '#testing/snowflake/listener.ts'
import { startSnowflakeServer } from '#testing/snowflake/server.ts'
import type { SnowflakeServer } from '#testing/snowflake/snowflake-server.ts'

// What loads and queries do beyond the contract of every warehouse: with the real driver, over HTTP.
let server: SnowflakeServer
let options: SnowflakeOptions
let warehouse: ExternalWarehouse
const opened: ExternalWarehouse[] = []

const open = (more: Partial<SnowflakeOptions> = {}) => {
  const one = openSnowflake({ ...options, ...more })
  opened.push(one)
  return one
}

beforeAll(async () => {
  server = await startSnowflakeServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  options = await newListener(server)
  warehouse = open()
  server.clearTraffic()
})
afterEach(async () => {
  server.clearFaults()
  await Promise.all(opened.splice(0).map((one) => one.close()))
})

const texts = () => server.statements().map(({ text }) => text)
const content = (columns = '*', name = 'songs') =>
  warehouse.query(`select ${columns} from ${warehouse.table('raw', name)} order by all`, [])
const admin = (sql: string) => server.runScript(sql)
const path = (name: string) => `"${options.address.database}"."${options.address.schema}"."${name}"`

test('makes no request before the first use', async () => {
  expect(warehouse.table('raw', 'songs')).toBe(path('SONGS'))
  expect(warehouse.usage()).toEqual({ statements: 0, roundTrips: 0, bytes: 0, warehouseMs: 0 })
  await warehouse.close()
  expect(server.traffic().requests).toEqual({})
})

test('loads several tables in one session, with one opening and one ledger statement', async () => {
  const names = ['songs', 'albums', 'artists']
  for (const name of names) await warehouse.load(loadOf([song('a')], { table: { ...songs, name } }))
  await warehouse.flush()
  await warehouse.close()
  const { requests } = server.traffic()
  expect(requests['sign-in']).toBe(1)
  expect(texts().filter((text) => text.startsWith('SELECT o.'))).toHaveLength(1)
  expect(texts().filter((text) => text.includes('INTO') && text.includes('"TRACKLAKE_LOADS"'))).toHaveLength(1)
})

test('creates a dropped table again', async () => {
  await warehouse.load(loadOf([song('a')]))
  await admin(`DROP TABLE ${path('SONGS')}`)
  expect(await warehouse.load(loadOf([song('a'), song('b')]))).toEqual(counts({ new: 2 }))
  await admin(`DROP TABLE ${path('SONGS')}`)
  expect(await warehouse.load(loadOf([], {}))).toEqual(counts({}))
  expect(await warehouse.existing('raw', ['songs'])).toEqual([])
  expect(await warehouse.digests([songs])).toEqual({ songs: null })
})

test('never touches a foreign table that has one of our names', async () => {
  await admin(
    `CREATE TABLE ${path('SONGS')} ("SONG_ID" VARCHAR, "TITLE" VARCHAR, "PLAYS" NUMBER(38,0), "SYNCED_AT" TIMESTAMP_NTZ(3))`,
  )
  await admin(`GRANT ALL PRIVILEGES ON TABLE ${path('SONGS')} TO ROLE "${options.address.role}"`)
  await expect(warehouse.load(loadOf([song('a')]))).rejects.toMatchObject({
    recovery: 'stop',
    message: expect.stringContaining('SONGS'),
    context: { kind: 'needs you', check: 'schema' },
  })
  expect(texts().filter((text) => /^(MERGE|INSERT|DELETE|ALTER|DROP)/.test(text) && text.includes('"SONGS"'))).toEqual(
    [],
  )
})

describe('a changes history', () => {
  const table: Table = {
    schema: 'raw',
    name: 'songs_changes',
    columns: { song_id: 'text', change: 'text', seen_at: 'timestamp', title: 'text' },
    key: ['song_id', 'seen_at'],
  }
  const read = (day: number, rows: Row[]) =>
    loadOf(rows, {
      readId: `read-of-${options.address.user}-${day}`,
      history: { kind: 'changes', table, seenAt: `2026-03-0${day}T12:00:00.000Z`, carry: ['title'] },
    })

  test('survives two reads that a killed process did not flush', async () => {
    const reads = () => [read(1, [song('a')]), read(2, [song('a'), song('b')])]
    for (const load of reads()) await warehouse.load(load)
    warehouse = open()
    for (const load of reads()) await warehouse.load(load)
    await warehouse.flush()
    expect(await content('song_id, change, seen_at', 'songs_changes')).toEqual([
      { song_id: 'a', change: 'added', seen_at: '2026-03-01T12:00:00.000Z' },
      { song_id: 'b', change: 'added', seen_at: '2026-03-02T12:00:00.000Z' },
    ])
  })

  test('is written before the table, and an interruption between them duplicates nothing', async () => {
    await warehouse.load(read(1, [song('a')]))
    await warehouse.flush()
    server.injectFault({ at: 'statement', matching: '^INSERT OVERWRITE', effect: REFUSALS.quota })
    await expect(warehouse.load(read(2, [song('b')]))).rejects.toMatchObject({ recovery: 'wait' })
    server.clearFaults()
    warehouse = open()
    expect(await warehouse.load(read(2, [song('b')]))).toEqual(counts({ new: 1, removed: 1 }))
    expect(await content('song_id, change', 'songs_changes')).toEqual([
      { song_id: 'a', change: 'added' },
      { song_id: 'a', change: 'removed' },
      { song_id: 'b', change: 'added' },
    ])
  })

  test('of a merge records what appeared', async () => {
    await warehouse.load({ ...read(1, [song('a')]), mode: 'merge' })
    await warehouse.load({ ...read(2, [song('a', 2), song('b')]), mode: 'merge' })
    expect(await content('song_id, change', 'songs_changes')).toEqual([
      { song_id: 'a', change: 'added' },
      { song_id: 'b', change: 'added' },
    ])
  })
})

test('a difference in load metadata is not a change', async () => {
  const table: Table = { ...songs, columns: { ...songs.columns, _sdc_batched_at: 'timestamp' } }
  const row = (day: number) => song('a', 1, { _sdc_batched_at: `2026-03-0${day}T00:00:00.000Z` })
  await warehouse.load(loadOf([row(1)], { table }))
  expect(await warehouse.load(loadOf([row(2)], { table }))).toEqual(counts({ unchanged: 1 }))
})

describe('a session that ends', () => {
  test('is reopened by the next attempt', async () => {
    await warehouse.load(loadOf([song('a')]))
    server.endSessions()
    const load = () => loadOf([song('a'), song('b')], { readId: `again-${options.address.user}` })
    await warehouse.load(load()).catch((failure) => expect(failure).toMatchObject({ recovery: 'retry' }))
    expect(await warehouse.load(load())).toMatchObject({ removed: 0 })
    expect(await content('song_id')).toHaveLength(2)
  })

  test('keeps ledger entries that are not flushed yet', async () => {
    await warehouse.load(loadOf([song('a')], { readId: `kept-${options.address.user}` }))
    server.endSessions()
    await warehouse.flush().catch(() => warehouse.flush())
    expect(await content('read_id', 'tracklake_loads')).toEqual([{ read_id: `kept-${options.address.user}` }])
  })

  test('silently renews an expired token', async () => {
    await warehouse.load(loadOf([song('a')]))
    server.injectFault({ at: 'statement', effect: REFUSALS.tokenOld, times: 1 })
    expect(await content('song_id')).toEqual([{ song_id: 'a' }])
  })
})

test('nothing retries a refused sign-in', async () => {
  server.injectFault({ at: 'sign-in', effect: REFUSALS.disabled })
  const failure = { recovery: 'stop', context: { kind: 'needs you', check: 'sign-in' } }
  await expect(warehouse.load(loadOf([song('a')]))).rejects.toMatchObject(failure)
  await expect(warehouse.query('select 1 as one', [])).rejects.toMatchObject(failure)
  await expect(warehouse.flush()).resolves.toBeUndefined()
  expect(server.traffic().requests['sign-in']).toBe(1)
})

test('nothing retries the sign-in of a locked user', async () => {
  server.injectFault({ at: 'sign-in', effect: REFUSALS.locked })
  await expect(warehouse.load(loadOf([song('a')]))).rejects.toMatchObject({ recovery: 'wait' })
  await expect(warehouse.load(loadOf([song('a')]))).rejects.toMatchObject({ recovery: 'wait' })
  expect(server.traffic().requests['sign-in']).toBe(1)
})

test('runs one load at a time, and queries beside it', async () => {
  await warehouse.load(loadOf([song('a')]))
  server.injectFault({ at: 'statement', matching: '^INSERT OVERWRITE', effect: { kind: 'slow', ms: 300 } })
  const ended: string[] = []
  const loads = [2, 3].map((plays) =>
    warehouse.load(loadOf([song('a', plays)])).then(() => ended.push(`load ${plays}`)),
  )
  await warehouse.query('select 1 as one', []).then(() => ended.push('query'))
  await Promise.all(loads)
  expect(ended).toEqual(['query', 'load 2', 'load 3'])
  expect(await content('plays')).toEqual([{ plays: 3 }])
})

test('an abandoned query does not affect a load beside it', async () => {
  await warehouse.load(loadOf([song('a')]))
  server.injectFault({ at: 'statement', matching: '^INSERT OVERWRITE', effect: { kind: 'slow', ms: 500 } })
  server.injectFault({ at: 'statement', matching: '^select 2', effect: { kind: 'slow', ms: 5000 } })
  const load = warehouse.load(loadOf([song('a', 2)]))
  await expect(warehouse.query('select 2 as two', [], { deadlineMs: 50 })).rejects.toMatchObject({ recovery: 'retry' })
  expect(await load).toEqual(counts({ changed: 1 }))
  expect(server.traffic().requests['sign-in']).toBe(1)
})

test('a query sends its row limit', async () => {
  await warehouse.query('select 1 as one', [], { limit: 7 })
  const [statement] = server.statements().slice(-1)
  expect(statement?.parameters).toMatchObject({ ROWS_PER_RESULTSET: 7, MULTI_STATEMENT_COUNT: 1 })
})

test('usage reports bytes and how long the warehouse worked', async () => {
  await warehouse.load(loadOf([song('a', 1, { title: 'x'.repeat(10_000) })]))
  const usage = warehouse.usage()
  expect(usage.bytes).toBeGreaterThan(20_000)
  expect(usage.warehouseMs).toBeGreaterThan(0)
  await warehouse.close()
  expect(warehouse.usage().roundTrips).toBe(usage.roundTrips + 1)
})
