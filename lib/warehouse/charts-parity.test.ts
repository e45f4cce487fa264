import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Chart, isOpen, type QueryContext } from '#lib/charts/chart.ts'
import { everyParams } from '#lib/charts/every-params.ts'
import { charts } from '#lib/charts/index.ts'
import { contextAt } from '#lib/charts/testing.ts'
import type { Cell, ColumnType, Row, Table } from '#lib/core/table.ts'
import { EXCLUDED_PLAYS } from '#lib/streams/decisions.ts'
import { streams } from '#lib/streams/index.ts'
import { MUSIC_TABLES } from '#lib/streams/music.ts'
import { historyTable, streamTable } from '#lib/streams/stream.ts'
import { newListener } from '#testing/snowflake/listener.ts'
import { startSnowflakeServer } from '#testing/snowflake/server.ts'
import { warehouses } from './index.ts'
import { loadOf } from './testing.ts'
import type { Warehouse } from './warehouse.ts'

// The same chart queries give the same results in every warehouse.
const now = new Date('2026-03-10T12:00:00.000Z')
const NOW_DAY = '2026-03-10'
const DAYS = ['2026-03-08', '2026-03-09', NOW_DAY]

// Open charts query models; their tests build those.
const queries = Object.entries<Chart>(charts).flatMap(([name, chart]) =>
  isOpen(chart) ? [] : everyParams(chart.params).map((params) => ({ name, chart, params })),
)

let duckdb: Warehouse
let snowflake: Warehouse
let close: () => Promise<void>

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-parity-'))
  const server = await startSnowflakeServer()
  duckdb = await warehouses.duckdb(join(folder, 'parity.duckdb'))
  snowflake = warehouses.snowflake(await newListener(server))
  close = async () => {
    await Promise.all([duckdb.close(), snowflake.close()])
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  await Promise.all([loadAll(duckdb), loadAll(snowflake)])
}, 60_000)
afterAll(() => close())

test.for(queries.map(({ name, params }, index) => [name, JSON.stringify(params), index] as const))(
  '%s %s',
  async ([, , index]) => {
    const query = queries[index]
    if (!query) throw new Error('There is no such query')
    const { chart, params } = query
    const run = async (warehouse: Warehouse) => {
      const { text, values } = chart.sql(contextOf(warehouse), params)
      const rows = await warehouse.query(text, values)
      return rows.map((row) => chart.row.parse(row))
    }
    const result = await run(duckdb)
    expect(result.length).toBeGreaterThan(0)
    expect(await run(snowflake)).toEqual(result)
  },
)

test('every table has the same keys', async () => {
  const tables = streams.flatMap((stream) => [streamTable(stream), historyTable(stream) ?? []].flat())
  const digests = await duckdb.digests(tables)
  expect(Object.values(digests).filter((digest) => digest !== null)).toHaveLength(tables.length)
  expect(await snowflake.digests(tables)).toEqual(digests)
})

function contextOf(warehouse: Warehouse): QueryContext {
  return contextAt(now, { table: ({ schema, name }) => warehouse.table(schema, name), zone: 'Europe/Berlin' })
}

/** All streams of a listener with three days of data, with nulls and repetitions wherever a column allows them. */
async function loadAll(warehouse: Warehouse): Promise<void> {
  for (const stream of streams) {
    const table = streamTable(stream)
    const history = historyTable(stream)
    // A stream without history ends as its last read left it.
    for (const [shift, day] of stream.history ? DAYS.entries() : [[0, NOW_DAY] as const]) {
      const load = loadOf(rowsOf(table, shift), { table })
      if (history && stream.history?.kind === 'daily') load.history = { kind: 'daily', table: history, day }
      else if (history && stream.history?.kind === 'changes')
        load.history = { ...stream.history, table: history, seenAt: `${day}T12:00:00.000Z` }
      await warehouse.load(load)
    }
  }
  await warehouse.load(loadOf(rowsOf(EXCLUDED_PLAYS, 0), { table: EXCLUDED_PLAYS }))
  for (const table of MUSIC_TABLES) await warehouse.load(loadOf(rowsOf(table, 0), { table, mode: 'fill' }))
}

/** @param shift moves the values of each row, so that ranks change from day to day */
function rowsOf(table: Table, shift: number): Row[] {
  return Array.from({ length: 12 }, (_, at) =>
    Object.fromEntries(
      Object.entries(table.columns).map(([name, type]) => {
        const inKey = table.key.includes(name)
        const value = inKey ? at : (at * 7 + shift * 5) % 12
        return [name, !inKey && value === 5 ? null : cellOf(type, name, value)]
      }),
    ),
  )
}

function cellOf(type: ColumnType, name: string, value: number): Cell {
  const values: Record<ColumnType, Cell> = {
    text: `${name} ${value} é`,
    integer: value + 1,
    double: value / 3,
    boolean: value % 2 === 0,
    // Around the period that the figures cover.
    timestamp: new Date(now.getTime() - value * 8 * 86_400_000 - 1).toISOString(),
    date: DAYS[value % DAYS.length] ?? null,
    json: { [name]: value },
  }
  return values[type]
}
