import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Row, Table } from '#lib/core/table.ts'
import { buildExternalModels } from '#lib/models/build-external.ts'
import { checkConnection } from '#lib/warehouse/snowflake/check/check.ts'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import type { SnowflakeAddress } from '#lib/warehouse/snowflake/setup/identifier.ts'
import { openSnowflake } from '#lib/warehouse/snowflake/snowflake.ts'
import { inBatches, loadOf, song, songs } from '#lib/warehouse/testing.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'
import { newListener } from './listener.ts'
import { ACCOUNT, startSnowflakeServer } from './server.ts'
import type { SnowflakeServer } from './snowflake-server.ts'

// Every kind of statement as Snowflake receives it, because neither our translation nor a grammar can prove all of it.
// If you change one, review the difference here and try it on a real account.
const address: SnowflakeAddress = {
  account: ACCOUNT,
  user: 'TRACKLAKE_USER',
  role: 'TRACKLAKE_ROLE',
  warehouse: 'TRACKLAKE_WH',
  database: 'TRACKLAKE',
  schema: 'RAW',
}

const now = () => new Date('2026-03-10T12:00:00.000Z')

let server: SnowflakeServer
let options: SnowflakeOptions

beforeAll(async () => {
  server = await startSnowflakeServer()
  options = await newListener(server, { address })
})
afterAll(() => server.stop())

const table: Table = {
  schema: 'raw',
  name: 'every_type',
  columns: {
    song_id: 'text',
    position: 'integer',
    loudness: 'double',
    explicit: 'boolean',
    added_at: 'timestamp',
    released_on: 'date',
    album: 'json',
    synced_at: 'timestamp',
    run_id: 'text',
  },
  key: ['song_id', 'position'],
}
const daily: Table = {
  ...table,
  name: 'every_type_history',
  columns: { ...table.columns, day: 'date' },
  key: ['day', ...table.key],
}
const changes: Table = {
  schema: 'raw',
  name: 'songs_changes',
  columns: { song_id: 'text', change: 'text', seen_at: 'timestamp', title: 'text' },
  key: ['song_id', 'seen_at'],
}

function row(song_id: string, position: number): Row {
  const at = '2026-03-01T12:00:00.000Z'
  return {
    song_id,
    position,
    loudness: -0.5,
    explicit: true,
    added_at: at,
    released_on: '2026-03-01',
    album: { name: 'x' },
    synced_at: at,
    run_id: 'run-1',
  }
}

async function statementsOf(work: () => Promise<unknown>, namesParameters: boolean): Promise<string> {
  server.clearTraffic()
  await work()
  expect(server.traffic().failures.filter(({ code }) => code !== '002003')).toEqual([])
  const texts = server
    .statements()
    .map(
      ({ text, bindSizes }) =>
        `${plain(namesParameters ? text : text.replace(/(?<=^ALTER SESSION SET ).*/, '…'))};${bindSizes.length > 0 ? ` -- ${bindSizes.length} bound` : ''}\n`,
    )
  return texts.join('\n')
}

/** Removes what differs from run to run, and adds line breaks for readability. */
function plain(text: string): string {
  return text
    .replaceAll(/file:\/\/[^']*/g, 'file:///…')
    .replaceAll(/TRACKLAKE_CHECK_[0-9A-F]+/g, 'TRACKLAKE_CHECK_…')
    .replaceAll(/(?<!DISTINCT) (?=(?:SELECT|FROM|FULL|LEFT|WHEN|QUALIFY|WHERE|USING|UNION|VALUES|COMMENT) )/g, '\n  ')
    .replaceAll(/(?<=^ALTER SESSION.*, )(?=[A-Z_]+ = )/g, '\n  ')
}

async function loads(...all: Partial<Load>[]): Promise<void> {
  const warehouse = openSnowflake(options)
  for (const load of all) await warehouse.load(loadOf([], load))
  await warehouse.flush()
  await warehouse.close()
}

const rows = (...some: Row[]) => inBatches(some)

test.for<[string, () => Promise<unknown>]>([
  ['check', () => checkConnection(options)],
  [
    'first-load',
    () => loads({ table, rows: rows(row('a', 1)), history: { kind: 'daily', table: daily, day: '2026-03-01' } }),
  ],
  [
    'overwrite',
    () => loads({ table, rows: rows(row('a', 2)), history: { kind: 'daily', table: daily, day: '2026-03-02' } }),
  ],
  ['unchanged', () => loads({ table, rows: rows(row('a', 2)) })],
  ['merge', () => loads({ table, mode: 'merge', rows: rows(row('a', 2), row('b', 1)) })],
  ['append', () => loads({ table, mode: 'append', rows: rows(row('c', 1)) })],
  [
    'replace-part',
    () => loads({ table, mode: 'replace part', parts: { column: 'song_id', values: ['a'] }, rows: rows(row('a', 3)) }),
  ],
  [
    'changes',
    () =>
      loads({
        rows: rows(song('a')),
        history: { kind: 'changes', table: changes, seenAt: '2026-03-01T12:00:00.000Z', carry: ['title'] },
      }),
  ],
  [
    'new-column',
    () =>
      loads({
        table: { ...songs, columns: { ...songs.columns, mood: 'text' } },
        rows: rows(song('a', 1, { mood: null })),
      }),
  ],
  [
    'chunks',
    () =>
      loads({
        rows: inBatches(
          Array.from({ length: 3000 }, (_, at) => song(`s${at}`, at, { title: 'x'.repeat(500) })),
          500,
        ),
      }),
  ],
  [
    'file',
    () =>
      loads({
        rows: inBatches(
          Array.from({ length: 12_000 }, (_, at) => song(`f${at}`, at, { title: 'x'.repeat(500) })),
          500,
        ),
      }),
  ],
  ['existing', () => withWarehouse((warehouse) => warehouse.existing('raw', ['songs', 'nothing']))],
  ['digests', () => withWarehouse((warehouse) => warehouse.digests([table, songs, changes]))],
  ['models', () => withWarehouse((warehouse) => buildExternalModels(warehouse, { now }))],
  ['models-again', () => withWarehouse((warehouse) => buildExternalModels(warehouse, { now }))],
])('%s', async ([name, work]) => {
  // The parameters of a session are always the same, so one file is enough to review them.
  await expect(await statementsOf(work, name === 'check')).toMatchFileSnapshot(`golden/${name}.golden.sql`)
})

async function withWarehouse(work: (warehouse: ReturnType<typeof openSnowflake>) => Promise<unknown>): Promise<void> {
  const warehouse = openSnowflake(options)
  await work(warehouse)
  await warehouse.close()
}
