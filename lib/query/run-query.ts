import type { Chart } from '#lib/charts/chart.ts'
import { now } from '#lib/core/clock.ts'
import type { Table } from '#lib/core/table.ts'
import { streams } from '#lib/streams/index.ts'
import { MUSIC_TABLES } from '#lib/streams/music.ts'
import { tablesOf } from '#lib/streams/stream.ts'
import type { Warehouse } from '#lib/warehouse/warehouse.ts'

const MAX_ROWS = 5_000

const RAW_TABLES = [...streams.flatMap(tablesOf), ...MUSIC_TABLES].map(({ name }) => name)

/** Which tables of schema raw a warehouse has. */
export async function existingTables(warehouse: Warehouse): Promise<Set<string>> {
  return new Set(await warehouse.existing('raw', RAW_TABLES))
}

/**
 * Runs a chart's query on a warehouse. Returns no rows until every table that it needs was loaded.
 * @param tables the existing tables, for callers that run several queries
 */
export async function queryWarehouse(
  warehouse: Warehouse,
  chart: Chart,
  { params, zone, tables }: { params: Record<string, string>; zone: string; tables?: Set<string> },
): Promise<Record<string, unknown>[]> {
  const existing = tables ?? (await existingTables(warehouse))
  const has = ({ schema, name }: Table) => schema === 'raw' && existing.has(name)
  if (!chart.tables(params).every(has)) return []
  const table = ({ schema, name }: Table) => warehouse.table(schema, name)
  const { text, values } = chart.sql({ table, has, zone, now: now() }, params)
  const rows = await warehouse.query(text, values, { limit: MAX_ROWS })
  return rows.map((row) => chart.row.parse(row))
}
