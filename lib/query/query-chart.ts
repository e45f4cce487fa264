import type { ChartResponse } from '#lib/api/charts.ts'
import type { Chart, ChartMetadata } from '#lib/charts/chart.ts'
import { type ChartName, chartNames, charts, isChartName } from '#lib/charts/index.ts'
import { Refused } from '#lib/core/errors.ts'
import { db } from '#lib/db.ts'
import { connectedDue, servingKind } from '#lib/storage/destinations.ts'
import { hasDuckdb, openWarehouse } from '#lib/storage/places.ts'
import { preparedAnswer } from './prepared-results.ts'
import { askWarehouse } from './run-query.ts'

/** Answers of the newest data only, for so many questions of the whole instance. */
const MOST_CACHED = 2_000
/** Windows such as "the last 28 days" move on even without new data. */
const CACHED_FOR_MS = 5 * 60_000

interface Cached {
  version: number
  until: number
  answer: ChartResponse
}

const CACHE = Symbol.for('tracklake.answers')
const holder = globalThis as typeof globalThis & { [CACHE]?: Map<string, Cached> }

function cache(): Map<string, Cached> {
  holder[CACHE] ??= new Map()
  return holder[CACHE]
}

/** @throws Refused 404 for a name that no chart has */
function requireChart(name: string): ChartName {
  if (isChartName(name)) return name
  throw new Refused(404, 'unknown-chart', `There is no chart "${name}"`, `Charts are: ${chartNames.join(', ')}.`)
}

/**
 * Asks the listener's serving warehouse. Answers are kept until the next load changes the data. Where pages are served
 * from the connected warehouse it is never asked from here: an answer that nobody prepared says so.
 * @param asked the query string's parameters; unknown ones are ignored, wrong values refused
 * @throws Refused 404 for an unknown chart, 400 for a wrong parameter
 */
export async function ask(userId: string, requested: string, asked: Record<string, string>): Promise<ChartResponse> {
  const name = requireChart(requested)
  const chart: Chart = charts[name]
  const parsed = chart.params.safeParse(asked)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Refused(
      400,
      'wrong-parameter',
      `The parameter "${issue?.path.join('.')}" is wrong: ${issue?.message}`,
      'Correct the address.',
    )
  }
  const params = parsed.data as Record<string, string>
  const listener = await db().user.findUniqueOrThrow({
    where: { id: userId },
    select: { dataVersion: true, dataAsOf: true, zone: true, connections: { where: { kind: servingKind() } } },
  })
  const held = listener.dataAsOf !== null && listener.connections.length > 0
  const zone = listener.zone ?? 'UTC'
  if (servingKind() === 'snowflake' && held) {
    const kept = await preparedAnswer(userId, { chart: name, params, zone })
    return kept ?? { chart: name, rows: [], asOf: null, warehouse: 'snowflake', params, preparing: true }
  }
  const key = `${userId} ${name} ${listener.zone} ${JSON.stringify(params)}`
  const cached = cache().get(key)
  if (cached && cached.version === listener.dataVersion && cached.until > Date.now()) return cached.answer
  const rows = held ? await rowsOf(chart, userId, params, zone) : []
  const answer: ChartResponse = {
    chart: name,
    rows,
    asOf: listener.dataAsOf?.toISOString() ?? null,
    warehouse: servingKind(),
    params,
  }
  remember(key, { version: listener.dataVersion, until: Date.now() + CACHED_FOR_MS, answer })
  return answer
}

/** Forgets a listener's answers. */
export function forget(userId: string): void {
  for (const key of cache().keys()) if (key.startsWith(`${userId} `)) cache().delete(key)
}

function remember(key: string, cached: Cached): void {
  cache().delete(key)
  cache().set(key, cached)
  const [oldest] = cache().keys()
  if (cache().size > MOST_CACHED && oldest !== undefined) cache().delete(oldest)
}

async function rowsOf(chart: Chart, userId: string, params: Record<string, string>, zone: string) {
  // Opening would make an empty file, and hide from the next load that everything has to be loaded again.
  if (!hasDuckdb(userId)) return []
  return askWarehouse(await openWarehouse({ userId }), chart, params, zone)
}

/** The connections that answer what a listener's pages wait for; whoever got `preparing` asks for their load. */
export function warehousesToAsk(userId: string): Promise<string[]> {
  return connectedDue(userId)
}

/** What a page shows of a chart besides its rows; nothing of the SQL. */
export function chartMetadata(name: ChartName): ChartMetadata {
  const { title, empty, draw } = charts[name]
  return { title, empty, draw }
}

/** The metadata of all charts, as the browser gets it. */
export function allChartMetadata(): Record<ChartName, ChartMetadata> {
  const entries = chartNames.map((name) => [name, chartMetadata(name)] as const)
  return Object.fromEntries(entries) as Record<ChartName, ChartMetadata>
}
