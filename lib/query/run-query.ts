import type { Chart, QueryContext } from '#lib/charts/chart.ts'
import { now } from '#lib/core/clock.ts'
import type { Row, TableName } from '#lib/core/table.ts'
import { MODEL_TABLES } from '#lib/models/tables.ts'
import { EXCLUDED_PLAYS, RECORDING_CHOICES } from '#lib/streams/decisions.ts'
import { landedKinds } from '#lib/streams/index.ts'
import { MUSIC_TABLES } from '#lib/streams/music.ts'
import { PAIRING_TABLES } from '#lib/streams/pairing.ts'
import { tablesOf } from '#lib/streams/stream.ts'
import type { Warehouse } from '#lib/warehouse/warehouse.ts'
import type { ChartQuery } from './chart-query.ts'

const MAX_ROWS = 5_000

const TABLES: TableName[] = [
  ...landedKinds.flatMap(tablesOf),
  ...MUSIC_TABLES,
  ...PAIRING_TABLES,
  EXCLUDED_PLAYS,
  RECORDING_CHOICES,
  ...MODEL_TABLES,
]

const SCHEMAS = [...new Set(TABLES.map(({ schema }) => schema))]

const fullName = ({ schema, name }: TableName) => `${schema}.${name}`

/** Which of the tables that charts use a warehouse has, by schema and name. */
export async function existingTables(warehouse: Warehouse): Promise<Set<string>> {
  const existing = await Promise.all(
    SCHEMAS.map(async (schema) => {
      const names = TABLES.filter((table) => table.schema === schema).map(({ name }) => name)
      return (await warehouse.existing(schema, names)).map((name) => fullName({ schema, name }))
    }),
  )
  return new Set(existing.flat())
}

/**
 * Runs a chart's query on a warehouse. Returns no rows until every table that it needs was loaded.
 * @param tables the existing tables, for callers that run several queries
 */
export async function queryWarehouse(
  warehouse: Warehouse,
  chart: Chart,
  { query, zone, tables }: { query: ChartQuery; zone: string; tables?: Set<string> },
): Promise<Row[]> {
  const existing = tables ?? (await existingTables(warehouse))
  const has = (table: TableName) => existing.has(fullName(table))
  if (!chart.tables(query.params).every(has)) return []
  const { weekStart, period, compared, subject, about, page, params } = query
  const table: QueryContext['table'] = ({ schema, name }) => warehouse.table(schema, name)
  const { text, values } = chart.sql(
    { table, has, zone, weekStart, now: now(), period, compared, subject, about, page },
    params,
  )
  const rows = await warehouse.query(text, values, { limit: chart.list ? page.limit : MAX_ROWS })
  // What their declaration allows is JSON.
  return rows.map((row) => chart.row.parse(row) as Row)
}
