import { LRUCache } from 'lru-cache'
import type { ChartResponse, ChartsResponse } from '#lib/api/charts.ts'
import type { Chart, ChartMetadata } from '#lib/charts/chart.ts'
import { type ChartName, chartNames, charts, isChartName } from '#lib/charts/index.ts'
import { toIso } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db } from '#lib/db.ts'
import { servingKind } from '#lib/storage/destinations.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { warehouseFacts } from '#lib/warehouse/facts.ts'
import { preparedResult } from './prepared-results.ts'
import { queryWarehouse } from './run-query.ts'

/** Results that this process caches, of all listeners together. */
const MAX_CACHED = 2_000
/** Windows such as "the last 28 days" move even without new data. */
const CACHED_FOR_MS = 5 * 60_000

interface Cached {
  version: number
  result: ChartResponse
}

const CACHE = Symbol.for('tracklake.answers')
const holder = globalThis as typeof globalThis & { [CACHE]?: LRUCache<string, Cached> }

function cache(): LRUCache<string, Cached> {
  holder[CACHE] ??= new LRUCache({ max: MAX_CACHED, ttl: CACHED_FOR_MS })
  return holder[CACHE]
}

/** @throws Refused 404 for a name that no chart has */
function requireChart(name: string): ChartName {
  if (isChartName(name)) return name
  throw new Refused(404, 'unknown-chart', `There is no chart "${name}"`, `The charts are: ${chartNames.join(', ')}.`)
}

/** What a page needs of a chart besides its rows. */
export function chartMetadata(name: ChartName): ChartMetadata {
  const { title, empty, draw } = charts[name]
  return { title, empty, draw }
}

/** The metadata of all charts, for the browser. */
export function allChartMetadata(): Record<ChartName, ChartMetadata> {
  const entries = chartNames.map((name) => [name, chartMetadata(name)] as const)
  return Object.fromEntries(entries) as Record<ChartName, ChartMetadata>
}

/**
 * The rows of a chart. Results are cached until the next load changes the data. Where pages are served from external
 * warehouses, this never queries one: a result that is not prepared yet is marked as `preparing`.
 * @param requested parameters of the query string; unknown ones are ignored
 * @throws Refused 404 for an unknown chart, 400 for an invalid parameter
 */
export async function queryChart(
  userId: string,
  chartName: string,
  requested: Record<string, string>,
): Promise<ChartResponse> {
  const name = requireChart(chartName)
  const chart: Chart = charts[name]
  const parsed = chart.params.safeParse(requested)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Refused(
      400,
      'wrong-parameter',
      `The parameter "${issue?.path.join('.')}" is invalid: ${issue?.message}`,
      'Correct the URL.',
    )
  }
  const params = parsed.data as Record<string, string>
  const listener = await db().user.findUniqueOrThrow({
    where: { id: userId },
    select: { dataVersion: true, dataAsOf: true, zone: true, connections: { where: { kind: servingKind() } } },
  })
  const hasData = listener.dataAsOf !== null && listener.connections.length > 0
  const zone = listener.zone ?? 'UTC'
  if (hasData && warehouseFacts[servingKind()].costsToWake) {
    const prepared = await preparedResult(userId, { chart: name, params, zone })
    return prepared ?? { chart: name, rows: [], asOf: null, warehouse: servingKind(), params, preparing: true }
  }
  const key = `${userId} ${name} ${listener.zone} ${JSON.stringify(params)}`
  const cached = cache().get(key)
  if (cached?.version === listener.dataVersion) return cached.result
  const rows = hasData ? await rowsOf(chart, userId, params, zone) : []
  const result: ChartResponse = {
    chart: name,
    rows,
    asOf: toIso(listener.dataAsOf),
    warehouse: servingKind(),
    params,
  }
  cache().set(key, { version: listener.dataVersion, result })
  return result
}

/**
 * Several charts with the same parameters.
 * @param limit maximum number of rows per chart; all if omitted
 * @throws as `queryChart`
 */
export async function queryCharts(
  userId: string,
  names: readonly string[],
  { limit, params = {} }: { limit?: number; params?: Record<string, string> } = {},
): Promise<ChartsResponse> {
  const charts = await Promise.all(names.map((name) => queryChart(userId, name, params)))
  return { charts: charts.map((chart) => ({ ...chart, rows: chart.rows.slice(0, limit) })) }
}

/** Drops a listener's cached results. */
export function forgetResults(userId: string): void {
  for (const key of cache().keys()) if (key.startsWith(`${userId} `)) cache().delete(key)
}

async function rowsOf(chart: Chart, userId: string, params: Record<string, string>, zone: string) {
  // Opening would create an empty file, and the next load wouldn't notice that everything has to be loaded again.
  if (!hasEmbeddedCopy(userId)) return []
  return queryWarehouse(await openEmbeddedCopy({ userId }), chart, { params, zone })
}
