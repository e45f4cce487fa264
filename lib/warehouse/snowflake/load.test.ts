import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Row, Table } from '#lib/core/table.ts'
import { counts } from '#lib/warehouse/every-warehouse.ts'
import { loadOf, song, songs } from '#lib/warehouse/testing.ts'
import { REFUSALS } from '#testing/snowflake/faults.ts'
import { newListener } from '#testing/snowflake/listener.ts'
import { startSnowflakeServer } from '#testing/snowflake/server.ts'
import type { SnowflakeServer } from '#testing/snowflake/snowflake-server.ts'
import type { SnowflakeOptions } from './connection.ts'
import { openSnowflake, type SnowflakeWarehouse } from './snowflake.ts'

// What loads and questions do beside what every warehouse promises: with the real driver, over HTTP.
let server: SnowflakeServer
let options: SnowflakeOptions
let warehouse: SnowflakeWarehouse
const opened: SnowflakeWarehouse[] = []

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
  server.forget()
})
afterEach(async () => {
  server.clearFaults()
  await Promise.all(opened.splice(0).map((one) => one.close()))
})

const texts = () => server.statements().map(({ text }) => text)
const content = (columns = '*', name = 'songs') =>
  warehouse.ask(`select ${columns} from ${warehouse.table('raw', name)} order by all`, [])
const admin = (sql: string) => server.runScript(sql)
const path = (name: string) => `"${options.address.database}"."${options.address.schema}"."${name}"`

test('nothing is contacted before the first use', async () => {
  expect(warehouse.table('raw', 'songs')).toBe(path('SONGS'))
  expect(warehouse.usage()).toEqual({ statements: 0, roundTrips: 0, bytes: 0, warehouseMs: 0 })
  await warehouse.close()
  expect(server.seen().requests).toEqual({})
})

test('several tables take one session: one opening, one note', async () => {
  const names = ['songs', 'albums', 'artists']
  for (const name of names) await warehouse.load(loadOf([song('a')], { table: { ...songs, name } }))
  await warehouse.settle()
  await warehouse.close()
  const { requests } = server.seen()
  expect(requests['sign-in']).toBe(1)
  expect(texts().filter((text) => text.startsWith('SELECT o.'))).toHaveLength(1)
  expect(texts().filter((text) => text.includes('INTO') && text.includes('"TRACKLAKE_LOADS"'))).toHaveLength(1)
})

test('a table that somebody dropped is made again', async () => {
  await warehouse.load(loadOf([song('a')]))
  await admin(`DROP TABLE ${path('SONGS')}`)
  expect(await warehouse.load(loadOf([song('a'), song('b')]))).toEqual(counts({ new: 2 }))
  await admin(`DROP TABLE ${path('SONGS')}`)
  expect(await warehouse.load(loadOf([], {}))).toEqual(counts({}))
  expect(await warehouse.existing('raw', ['songs'])).toEqual([])
  expect(await warehouse.digests([songs])).toEqual({ songs: null })
})

test('a table of our name that is not ours is not touched', async () => {
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

describe('a history of changes', () => {
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

  test('survives two reads that a killed process did not settle', async () => {
    const reads = () => [read(1, [song('a')]), read(2, [song('a'), song('b')])]
    for (const load of reads()) await warehouse.load(load)
    warehouse = open()
    for (const load of reads()) await warehouse.load(load)
    await warehouse.settle()
    expect(await content('song_id, change, seen_at', 'songs_changes')).toEqual([
      { song_id: 'a', change: 'added', seen_at: '2026-03-01T12:00:00.000Z' },
      { song_id: 'b', change: 'added', seen_at: '2026-03-02T12:00:00.000Z' },
    ])
  })

  test('is written before the table, and a break between them doubles nothing', async () => {
    await warehouse.load(read(1, [song('a')]))
    await warehouse.settle()
    server.order({ at: 'statement', matching: '^INSERT OVERWRITE', deed: REFUSALS.quota })
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

  test('of a merge notes what appeared', async () => {
    await warehouse.load({ ...read(1, [song('a')]), mode: 'merge' })
    await warehouse.load({ ...read(2, [song('a', 2), song('b')]), mode: 'merge' })
    expect(await content('song_id, change', 'songs_changes')).toEqual([
      { song_id: 'a', change: 'added' },
      { song_id: 'b', change: 'added' },
    ])
  })
})

test('metadata of the load is no change', async () => {
  const table: Table = { ...songs, columns: { ...songs.columns, _sdc_batched_at: 'timestamp' } }
  const row = (day: number) => song('a', 1, { _sdc_batched_at: `2026-03-0${day}T00:00:00.000Z` })
  await warehouse.load(loadOf([row(1)], { table }))
  expect(await warehouse.load(loadOf([row(2)], { table }))).toEqual(counts({ unchanged: 1 }))
})

describe('a session that ends', () => {
  test('is opened anew by the next try', async () => {
    await warehouse.load(loadOf([song('a')]))
    server.endSessions()
    const load = () => loadOf([song('a'), song('b')], { readId: `again-${options.address.user}` })
    await warehouse.load(load()).catch((failure) => expect(failure).toMatchObject({ recovery: 'retry' }))
    expect(await warehouse.load(load())).toMatchObject({ removed: 0 })
    expect(await content('song_id')).toHaveLength(2)
  })

  test('keeps the notes that wait', async () => {
    await warehouse.load(loadOf([song('a')], { readId: `kept-${options.address.user}` }))
    server.endSessions()
    await warehouse.settle().catch(() => warehouse.settle())
    expect(await content('read_id', 'tracklake_loads')).toEqual([{ read_id: `kept-${options.address.user}` }])
  })

  test('while its token is only old, nobody notices', async () => {
    await warehouse.load(loadOf([song('a')]))
    server.order({ at: 'statement', deed: REFUSALS.tokenOld, times: 1 })
    expect(await content('song_id')).toEqual([{ song_id: 'a' }])
  })
})

test('a refused sign-in is not tried again by anything', async () => {
  server.order({ at: 'sign-in', deed: REFUSALS.disabled })
  const failure = { recovery: 'stop', context: { kind: 'needs you', check: 'sign-in' } }
  await expect(warehouse.load(loadOf([song('a')]))).rejects.toMatchObject(failure)
  await expect(warehouse.ask('select 1 as one', [])).rejects.toMatchObject(failure)
  await expect(warehouse.settle()).resolves.toBeUndefined()
  expect(server.seen().requests['sign-in']).toBe(1)
})

test('a locked user is left alone as well', async () => {
  server.order({ at: 'sign-in', deed: REFUSALS.locked })
  await expect(warehouse.load(loadOf([song('a')]))).rejects.toMatchObject({ recovery: 'wait' })
  await expect(warehouse.load(loadOf([song('a')]))).rejects.toMatchObject({ recovery: 'wait' })
  expect(server.seen().requests['sign-in']).toBe(1)
})

test('loads take turns, a question goes beside', async () => {
  await warehouse.load(loadOf([song('a')]))
  server.order({ at: 'statement', matching: '^INSERT OVERWRITE', deed: { kind: 'slow', ms: 300 } })
  const ended: string[] = []
  const loads = [2, 3].map((plays) =>
    warehouse.load(loadOf([song('a', plays)])).then(() => ended.push(`load ${plays}`)),
  )
  await warehouse.ask('select 1 as one', []).then(() => ended.push('question'))
  await Promise.all(loads)
  expect(ended).toEqual(['question', 'load 2', 'load 3'])
  expect(await content('plays')).toEqual([{ plays: 3 }])
})

test('a question that is given up leaves a load beside it alone', async () => {
  await warehouse.load(loadOf([song('a')]))
  server.order({ at: 'statement', matching: '^INSERT OVERWRITE', deed: { kind: 'slow', ms: 500 } })
  server.order({ at: 'statement', matching: '^select 2', deed: { kind: 'slow', ms: 5000 } })
  const load = warehouse.load(loadOf([song('a', 2)]))
  await expect(warehouse.ask('select 2 as two', [], { deadlineMs: 50 })).rejects.toMatchObject({ recovery: 'retry' })
  expect(await load).toEqual(counts({ changed: 1 }))
  expect(server.seen().requests['sign-in']).toBe(1)
})

test('a question says how many rows it wants', async () => {
  await warehouse.ask('select 1 as one', [], { limit: 7 })
  const [statement] = server.statements().slice(-1)
  expect(statement?.parameters).toMatchObject({ ROWS_PER_RESULTSET: 7, MULTI_STATEMENT_COUNT: 1 })
})

test('usage tells bytes and how long the warehouse worked', async () => {
  await warehouse.load(loadOf([song('a', 1, { title: 'x'.repeat(10_000) })]))
  const usage = warehouse.usage()
  expect(usage.bytes).toBeGreaterThan(20_000)
  expect(usage.warehouseMs).toBeGreaterThan(0)
  await warehouse.close()
  expect(warehouse.usage().roundTrips).toBe(usage.roundTrips + 1)
})
