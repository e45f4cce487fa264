import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Chart, QueryContext } from '#lib/charts/chart.ts'
import { everyParams } from '#lib/charts/every-params.ts'
import { charts } from '#lib/charts/index.ts'
import type { Cell, ColumnType, Row, Table } from '#lib/core/table.ts'
import { streams } from '#lib/streams/index.ts'
import { historyTable, streamTable } from '#lib/streams/stream.ts'
import { newListener } from '#testing/snowflake/listener.ts'
import { startSnowflakeServer } from '#testing/snowflake/server.ts'
import { warehouses } from './index.ts'
import { loadOf } from './testing.ts'
import type { Warehouse } from './warehouse.ts'

// The same questions give the same answers, wherever they are asked.
const now = new Date('2026-03-10T12:00:00.000Z')
const NOW_DAY = '2026-03-10'
const DAYS = ['2026-03-08', '2026-03-09', NOW_DAY]

const questions = Object.entries<Chart>(charts).flatMap(([name, chart]) =>
  everyParams(chart.params).map((params) => ({ name, chart, params })),
)

type Opened = Warehouse & { close(): Promise<void> }
let duckdb: Opened
let snowflake: Opened
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

test.for(questions.map(({ name, params }, index) => [name, JSON.stringify(params), index] as const))(
  '%s %s',
  async ([, , index]) => {
    const question = questions[index]
    if (!question) throw new Error('There is no such question')
    const { chart, params } = question
    const ask = async (warehouse: Warehouse) => {
      const { text, values } = chart.sql(contextOf(warehouse), params)
      const rows = await warehouse.ask(text, values)
      return rows.map((row) => chart.row.parse(row))
    }
    const answer = await ask(duckdb)
    expect(answer.length).toBeGreaterThan(0)
    expect(await ask(snowflake)).toEqual(answer)
  },
)

test('every table holds the same keys', async () => {
  const tables = streams.flatMap((stream) => [streamTable(stream), historyTable(stream) ?? []].flat())
  const digests = await duckdb.digests(tables)
  expect(Object.values(digests).filter((digest) => digest !== null)).toHaveLength(tables.length)
  expect(await snowflake.digests(tables)).toEqual(digests)
})

function contextOf(warehouse: Warehouse): QueryContext {
  return { table: ({ schema, name }) => warehouse.table(schema, name), has: () => true, zone: 'Europe/Berlin', now }
}

/** All streams as a listener of three days has them, with nulls and repetitions wherever a column allows them. */
async function loadAll(warehouse: Warehouse): Promise<void> {
  for (const stream of streams) {
    const table = streamTable(stream)
    const history = historyTable(stream)
    // What keeps no history ends as its last read left it.
    for (const [shift, day] of stream.history ? DAYS.entries() : [[0, NOW_DAY] as const]) {
      const load = loadOf(rowsOf(table, shift), { table })
      if (history && stream.history?.kind === 'daily') load.history = { kind: 'daily', table: history, day }
      else if (history && stream.history?.kind === 'changes')
        load.history = { kind: 'changes', table: history, seenAt: `${day}T12:00:00.000Z`, carry: stream.history.carry }
      await warehouse.load(load)
    }
  }
}

/** @param shift moves what each row says, so that ranks change from day to day */
function rowsOf(table: Table, shift: number): Row[] {
  return Array.from({ length: 12 }, (_, at) =>
    Object.fromEntries(
      Object.entries(table.columns).map(([name, type]) => {
        const inKey = table.key.includes(name)
        const told = inKey ? at : (at * 7 + shift * 5) % 12
        return [name, !inKey && told === 5 ? null : cellOf(type, name, told)]
      }),
    ),
  )
}

function cellOf(type: ColumnType, name: string, told: number): Cell {
  const values: Record<ColumnType, Cell> = {
    text: `${name} ${told} é`,
    integer: told + 1,
    double: told / 3,
    boolean: told % 2 === 0,
    // Around the window that the figures look at.
    timestamp: new Date(now.getTime() - told * 8 * 86_400_000 - 1).toISOString(),
    date: DAYS[told % DAYS.length] ?? null,
    json: { [name]: told },
  }
  return values[type]
}
