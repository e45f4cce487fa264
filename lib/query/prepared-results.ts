import { z } from 'zod'
import type { ChartResponse } from '#lib/api/charts.ts'
import { isOpen } from '#lib/charts/chart.ts'
import { everyParams } from '#lib/charts/every-params.ts'
import { chartNames, charts } from '#lib/charts/index.ts'
import { toIso } from '#lib/core/clock.ts'
import { messageOf, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { calendarOf } from '#lib/core/period.ts'
import { db, Prisma } from '#lib/db.ts'
import { externalDue } from '#lib/storage/destinations.ts'
import { WAREHOUSE_KINDS } from '#lib/warehouse/facts.ts'
import type { ExternalWarehouse } from '#lib/warehouse/warehouse.ts'
import { readChartQuery } from './chart-query.ts'
import { existingTables, queryWarehouse } from './run-query.ts'

/**
 * Where pages are served from external warehouses, page views never query them: every query runs right after a load, and
 * its result is stored in the app database, which all instances share.
 */

const Query = z.object({ chart: z.enum(chartNames), params: z.record(z.string(), z.string()), zone: z.string() })
type Query = z.infer<typeof Query>

const StoredResult = z.object({
  chart: z.enum(chartNames),
  rows: z.array(z.record(z.string(), z.json())),
  asOf: z.string().nullable(),
  warehouse: z.enum(WAREHOUSE_KINDS),
  params: z.record(z.string(), z.string()),
  // Results stored by an older version don't have it.
  next: z.null().default(null),
})

function keyOf({ chart, params, zone }: Query): string {
  return `${chart} ${zone} ${JSON.stringify(params)}`
}

/**
 * The stored result of a query, which may be from an older load until the newer one is prepared. Null if the query never
 * ran, for example in a new time zone: it runs with the next load.
 * @throws Stop when the warehouse could not run it
 */
export async function preparedResult(userId: string, query: Query): Promise<ChartResponse | null> {
  const queryKey = keyOf(query)
  const stored = await db().preparedResult.findUnique({ where: { userId_queryKey: { userId, queryKey } } })
  if (!stored) await db().preparedResult.createMany({ data: [{ userId, queryKey, query }], skipDuplicates: true })
  if (!stored?.preparedAt) return null
  if (stored.result === null)
    throw new Stop('Your warehouse could not run this query', {
      remedy: 'It runs again with the next load. The log of the web process shows the cause.',
    })
  return StoredResult.parse(stored.result)
}

/** True if a page is waiting for the result of a query. */
export async function hasUnpreparedQueries(userId: string): Promise<boolean> {
  return (await db().preparedResult.count({ where: { userId, preparedAt: null } })) > 0
}

/** Runs every query that has no result for the current data. One that fails does not stop the others. */
export async function prepareResults(userId: string, warehouse: ExternalWarehouse): Promise<void> {
  const user = await db().user.findUniqueOrThrow({ where: { id: userId } })
  const stored = await db().preparedResult.findMany({ where: { userId } })
  const fresh = new Set(stored.flatMap(({ version, queryKey }) => (version === user.dataVersion ? queryKey : [])))
  const zone = user.zone ?? 'UTC'
  const queries = chartNames
    .filter((chart) => !isOpen(charts[chart]))
    .flatMap((chart) => everyParams(charts[chart].params).map((values) => ({ chart, params: values, zone })))
  const tables = await existingTables(warehouse, ['raw'])
  for (const query of queries.filter((query) => !fresh.has(keyOf(query)))) {
    await prepare(userId, query, { version: user.dataVersion, asOf: user.dataAsOf, tables }, warehouse)
  }
  // Results of an earlier time zone or of a chart that no longer exists.
  const current = new Set(queries.map(keyOf))
  const outdated = stored.map(({ queryKey }) => queryKey).filter((queryKey) => !current.has(queryKey))
  await db().preparedResult.deleteMany({ where: { userId, queryKey: { in: outdated } } })
}

async function prepare(
  userId: string,
  query: Query,
  { version, asOf, tables }: { version: number; asOf: Date | null; tables: Set<string> },
  warehouse: ExternalWarehouse,
): Promise<void> {
  const queryKey = keyOf(query)
  let rows: Record<string, unknown>[] | null = null
  try {
    rows = await queryWarehouse(warehouse, charts[query.chart], {
      query: readChartQuery(charts[query.chart], query.params, calendarOf({ zone: query.zone, weekStart: 1 }, null)),
      zone: query.zone,
      tables,
    })
  } catch (error) {
    if (!(error instanceof Stop) || error.context.kind === 'needs you') throw error
    log.error('a chart query failed', { userId, queryKey, problem: messageOf(error) })
  }
  const result = {
    chart: query.chart,
    asOf: toIso(asOf),
    warehouse: warehouse.kind,
    params: query.params,
    next: null,
  }
  const stored = rows ? StoredResult.parse({ ...result, rows }) : Prisma.DbNull
  const data = { version, result: stored, query, preparedAt: new Date() }
  await db().preparedResult.upsert({
    where: { userId_queryKey: { userId, queryKey } },
    create: { userId, queryKey, ...data },
    update: data,
  })
}

/** The connections to load because a result is still missing. A page or message never queries them itself. */
export async function connectionsToPrepare(
  userId: string,
  results: Pick<ChartResponse, 'preparing'>[],
): Promise<string[]> {
  return results.some(({ preparing }) => preparing) ? externalDue(userId) : []
}
