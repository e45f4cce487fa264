import type { Chart } from '#lib/charts/chart.ts'
import { now } from '#lib/core/clock.ts'
import type { Table } from '#lib/core/table.ts'
import { streams } from '#lib/streams/index.ts'
import { historyTable } from '#lib/streams/stream.ts'
import type { Warehouse } from '#lib/warehouse/warehouse.ts'

const MOST_ROWS = 5_000

const RAW_TABLES = streams.flatMap((stream) => [stream.name, historyTable(stream)?.name ?? []].flat())

/** Asks one warehouse one chart's question; no rows while a table that it needs was not loaded. */
export async function askWarehouse(
  warehouse: Warehouse,
  chart: Chart,
  params: Record<string, string>,
  zone: string,
): Promise<Record<string, unknown>[]> {
  return askWith(warehouse, await heldTables(warehouse), chart, params, zone)
}

/** The tables of schema raw that a warehouse has. */
export async function heldTables(warehouse: Warehouse): Promise<Set<string>> {
  return new Set(await warehouse.existing('raw', RAW_TABLES))
}

/** As askWarehouse, for several questions that look only once which tables there are. */
export async function askWith(
  warehouse: Warehouse,
  held: Set<string>,
  chart: Chart,
  params: Record<string, string>,
  zone: string,
): Promise<Record<string, unknown>[]> {
  const has = ({ schema, name }: Table) => schema === 'raw' && held.has(name)
  if (!chart.tables(params).every(has)) return []
  const table = ({ schema, name }: Table) => warehouse.table(schema, name)
  const { text, values } = chart.sql({ table, has, zone, now: now() }, params)
  const rows = await warehouse.ask(text, values, { limit: MOST_ROWS })
  return rows.map((row) => chart.row.parse(row))
}
