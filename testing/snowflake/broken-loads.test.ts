import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Table } from '#lib/core/table.ts'
import { counts } from '#lib/warehouse/every-warehouse.ts'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { openSnowflake } from '#lib/warehouse/snowflake/snowflake.ts'
import { loadOf, song, songs } from '#lib/warehouse/testing.ts'
import type { ExternalWarehouse, Load } from '#lib/warehouse/warehouse.ts'
import { REFUSALS } from './faults.ts'
import { newListener } from './listener.ts'
import { startSnowflakeServer } from './server.ts'
import type { SnowflakeServer } from './snowflake-server.ts'

// Wherever a load is interrupted, loading the same reads again gives the same tables as an undisturbed load.
let server: SnowflakeServer
let options: SnowflakeOptions

beforeAll(async () => {
  server = await startSnowflakeServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  server.clearFaults()
  options = await newListener(server)
})

const daily: Table = {
  schema: 'raw',
  name: 'songs_history',
  columns: { ...songs.columns, day: 'date' },
  key: ['day', 'song_id'],
}
const changes: Table = {
  schema: 'raw',
  name: 'songs_changes',
  columns: { song_id: 'text', change: 'text', seen_at: 'timestamp', title: 'text' },
  key: ['song_id', 'seen_at'],
}
const noon = (day: number) => `2026-03-0${day}T12:00:00.000Z`

/** What one read of a day contains, and the tables that it changes. */
const kinds: [string, Table[], (day: number) => Partial<Load>][] = [
  ['a daily history', [songs, daily], (day) => ({ history: { kind: 'daily', table: daily, day: `2026-03-0${day}` } })],
  [
    'a changes history',
    [songs, changes],
    (day) => ({ history: { kind: 'changes', table: changes, seenAt: noon(day), carry: ['title'] } }),
  ],
  ['parts', [songs], () => ({ mode: 'replace part', parts: { column: 'song_id', values: ['a', 'b', 'c'] } })],
]

// Interrupts after each writing statement; statements that only read change nothing.
test.for(kinds)('a retry repairs %s after a process ended at any statement', async ([, tables, more]) => {
  const loadAll = () =>
    inSession(async (warehouse) => {
      for (const day of [1, 2])
        await warehouse.load(
          loadOf([song('a', day), song(day === 1 ? 'b' : 'c')], { readId: `read-of-${day}`, ...more(day) }),
        )
      await warehouse.flush()
    })
  const content = () =>
    inSession((warehouse) =>
      Promise.all(
        tables.map(({ schema, name }) =>
          warehouse.query(`select * from ${warehouse.table(schema, name)} order by all`, []),
        ),
      ),
    )
  server.clearTraffic()
  await loadAll()
  const undisturbed = await content()
  const writes = server
    .statements()
    .flatMap(({ text }, at) => (/^(SELECT|WITH|PUT|USE|SHOW|ALTER SESSION)/i.test(text) ? [] : [at + 1]))
  expect(writes.length).toBeGreaterThan(5)
  for (const nth of writes) {
    options = await newListener(server)
    const { user } = options.address
    server.injectFault({ at: 'statement', user, nth, times: 1, effect: { ...REFUSALS.sessionGone, when: 'after' } })
    await expect(loadAll()).rejects.toMatchObject({ recovery: 'retry' })
    await loadAll()
    expect([nth, await content()]).toEqual([nth, undisturbed])
  }
})

/** Simulates a separate process. */
async function inSession<Result>(work: (warehouse: ExternalWarehouse) => Promise<Result>): Promise<Result> {
  const warehouse = openSnowflake(options)
  try {
    return await work(warehouse)
  } finally {
    await warehouse.close()
  }
}

test('retries after a connection broke before the response, and the statement runs once', async () => {
  const warehouse = openSnowflake(options)
  await warehouse.load(loadOf([song('a')]))
  server.injectFault({ at: 'statement', matching: '^MERGE', times: 1, effect: { kind: 'cut', when: 'after' } })
  expect(await warehouse.load(loadOf([song('b')], { mode: 'append' }))).toEqual(counts({ new: 1 }))
  await warehouse.close()
})

test('the next attempt opens a new session when the old one is gone', async () => {
  const warehouse = openSnowflake(options)
  await warehouse.load(loadOf([song('a')]))
  server.endSessions()
  await expect(warehouse.load(loadOf([song('b')], { readId: 'again' }))).rejects.toMatchObject({ recovery: 'retry' })
  await warehouse.load(loadOf([song('b')], { readId: 'again' }))
  expect(await warehouse.query(`select song_id from ${warehouse.table('raw', 'songs')}`, [])).toEqual([
    { song_id: 'b' },
  ])
  await warehouse.close()
})

test('silently renews an expired token', async () => {
  const warehouse = openSnowflake(options)
  await warehouse.load(loadOf([song('a')]))
  server.injectFault({ at: 'statement', times: 1, effect: REFUSALS.tokenOld })
  server.clearTraffic()
  await warehouse.load(loadOf([song('b')]))
  expect(server.traffic().requests).toMatchObject({ renewal: 1 })
  expect(server.traffic().requests['sign-in']).toBeUndefined()
  await warehouse.close()
})

test('waits for a long statement', async () => {
  const warehouse = openSnowflake(options)
  server.injectFault({ at: 'statement', matching: 'INSERT OVERWRITE', effect: { kind: 'slow', ms: 300 } })
  await warehouse.load(loadOf([song('a')]))
  await warehouse.load(loadOf([song('a'), song('b')]))
  expect(server.traffic().requests.poll).toBeGreaterThan(0)
  expect(await warehouse.query(`select song_id from ${warehouse.table('raw', 'songs')} order by 1`, [])).toHaveLength(2)
  await warehouse.close()
})

test('reads a large result completely', async () => {
  const warehouse = openSnowflake(options)
  await warehouse.load(loadOf(Array.from({ length: 3500 }, (_, i) => song(`s${String(i).padStart(4, '0')}`, i))))
  const rows = await warehouse.query(`select plays from ${warehouse.table('raw', 'songs')} order by song_id`, [])
  expect(rows.map(({ plays }) => plays)).toEqual(Array.from({ length: 3500 }, (_, i) => i))
  await warehouse.close()
})

test.for([
  ['noWarehouse', 'stop'],
  ['quota', 'wait'],
  ['unpaid', 'wait'],
] as const)('a warehouse that cannot run (%s) means %s, and loaded data stays', async ([refusal, recovery]) => {
  const warehouse = openSnowflake(options)
  await warehouse.load(loadOf([song('a')]))
  server.injectFault({ at: 'statement', user: options.address.user, effect: REFUSALS[refusal] })
  await expect(warehouse.load(loadOf([song('b')]))).rejects.toMatchObject({ recovery })
  server.clearFaults()
  expect(await warehouse.query(`select song_id from ${warehouse.table('raw', 'songs')}`, [])).toEqual([
    { song_id: 'a' },
  ])
  await warehouse.close()
})
