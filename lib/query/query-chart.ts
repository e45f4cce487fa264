import { LRUCache } from 'lru-cache'
import type { ChartResponse, ChartsResponse } from '#lib/api/charts.ts'
import { type Chart, type ChartMetadata, isOpen } from '#lib/charts/chart.ts'
import { type ChartName, chartMeant, chartNames, charts, isChartName } from '#lib/charts/index.ts'
import { toIso } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { calendarOf } from '#lib/core/period.ts'
import type { Row } from '#lib/core/table.ts'
import { servingKind } from '#lib/storage/destinations.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { warehouseFacts } from '#lib/warehouse/facts.ts'
import { type ChartQuery, cutPage, knownParams, readChartQuery } from './chart-query.ts'
import { forgetKnown } from './coverage/evidence.ts'
import { forgetEmbedded } from './embedded.ts'
import { firstDayOf, forgetFirstDay, listenerData } from './listener-data.ts'
import { preparedResult, queriedResult } from './prepared-results.ts'
import { queryWarehouse } from './run-query.ts'

/** Results of charts with finite parameters that this process caches, of all listeners together. */
const MAX_FINITE = 2_000
/** Rows of all cached results with open parameters, about 200 bytes each. */
const MAX_OPEN_ROWS = 100_000
/** Windows such as "the last 28 days" move even without new data. */
const CACHED_FOR_MS = 5 * 60_000

interface Cached {
  version: number
  result: ChartResponse
}

interface Caches {
  finite: LRUCache<string, Cached>
  open: LRUCache<string, Cached>
}

const CACHE = Symbol.for('tracklake.chart-results')
const holder = globalThis as typeof globalThis & { [CACHE]?: Caches }

function caches(): Caches {
  holder[CACHE] ??= {
    finite: new LRUCache({ max: MAX_FINITE, ttl: CACHED_FOR_MS }),
    open: new LRUCache({
      maxSize: MAX_OPEN_ROWS,
      sizeCalculation: ({ result }) => result.rows.length + 1,
      ttl: CACHED_FOR_MS,
    }),
  }
  return holder[CACHE]
}

/** @throws Refused 404 for a name that no chart has */
function requireChart(name: string): ChartName {
  if (isChartName(name)) return name
  throw new Refused(404, 'unknown-chart', `There is no chart "${name}"`, `The charts are: ${chartNames.join(', ')}.`)
}

/** What a page needs of a chart besides its rows. */
export function chartMetadata(name: ChartName): ChartMetadata {
  const { title, empty, note, draw }: Chart = charts[name]
  return { title, empty, ...(note ? { note } : {}), draw }
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
 * @throws Refused 404 for an unknown chart, 400 for an invalid parameter, 429 where a warehouse was started often enough
 */
export async function queryChart(
  userId: string,
  chartName: string,
  requested: Record<string, string>,
): Promise<ChartResponse> {
  const name = chartMeant(requireChart(chartName), requested)
  const chart: Chart = charts[name]
  const listener = await listenerData(userId)
  const { hasData } = listener
  const zone = listener.zone ?? 'UTC'
  const firstDay = requested.period === 'all' && chart.period ? await firstDayOf(listener) : null
  const query = readChartQuery(chart, requested, calendarOf(listener, firstDay))
  if (hasData && warehouseFacts[servingKind()].costsToWake) {
    const params = isOpen(chart) ? query.shown : query.params
    const prepared = isOpen(chart)
      ? await queriedResult(userId, {
          chart: name,
          params: knownParams(chart, requested),
          zone,
          weekStart: query.weekStart,
        })
      : await preparedResult(userId, { chart: name, params, zone })
    return (
      prepared ?? { chart: name, rows: [], asOf: null, warehouse: servingKind(), params, next: null, preparing: true }
    )
  }
  const results = isOpen(chart) ? caches().open : caches().finite
  const key = `${userId} ${name} ${zone} ${query.weekStart} ${JSON.stringify(query.shown)}`
  const cached = results.get(key)
  if (cached?.version === listener.dataVersion) return cached.result
  const found = hasData ? await rowsOf(chart, userId, query, zone) : []
  const result: ChartResponse = {
    chart: name,
    ...cutPage(chart, query, found),
    asOf: toIso(listener.dataAsOf),
    warehouse: servingKind(),
    params: query.shown,
  }
  results.set(key, { version: listener.dataVersion, result })
  return result
}

/**
 * Several charts with the same parameters.
 * @param limit maximum number of rows per chart; all, or a page of a list, if omitted
 * @throws as `queryChart`
 */
export async function queryCharts(
  userId: string,
  names: readonly string[],
  { limit, params = {} }: { limit?: number; params?: Record<string, string> } = {},
): Promise<ChartsResponse> {
  return { charts: await Promise.all(names.map((name) => queryExcerpt(userId, name, { limit, params }))) }
}

/** A chart with at most `limit` rows. @throws as `queryChart` */
export async function queryExcerpt(
  userId: string,
  name: string,
  { limit, params = {} }: { limit?: number | undefined; params?: Record<string, string> },
): Promise<ChartResponse> {
  const chart = await queryChart(userId, name, { ...params, ...(limit ? { limit: String(limit) } : {}) })
  // Lists have taken the limit into their query.
  return limit && chart.next === null ? { ...chart, rows: chart.rows.slice(0, limit) } : chart
}

/** Drops a listener's cached results. */
export function forgetResults(userId: string): void {
  const { finite, open } = caches()
  for (const results of [finite, open])
    for (const key of results.keys()) if (key.startsWith(`${userId} `)) results.delete(key)
  forgetFirstDay(userId)
  forgetEmbedded(userId)
  forgetKnown(userId)
}

async function rowsOf(chart: Chart, userId: string, query: ChartQuery, zone: string): Promise<Row[]> {
  // Opening would create an empty file, and the next load wouldn't notice that everything has to be loaded again.
  if (!hasEmbeddedCopy(userId)) return []
  return queryWarehouse(await openEmbeddedCopy({ userId }), chart, { query, zone })
}
