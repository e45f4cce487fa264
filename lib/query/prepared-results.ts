import { z } from 'zod'
import type { ChartResponse } from '#lib/api/charts.ts'
import { type Chart, isOpen, SUBJECTS } from '#lib/charts/chart.ts'
import { everyParams } from '#lib/charts/every-params.ts'
import { chartNames, charts } from '#lib/charts/index.ts'
import { DAY, now, toIso } from '#lib/core/clock.ts'
import { messageOf, Refused, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { calendarOf } from '#lib/core/period.ts'
import { db, type PreparedResult, Prisma, type User } from '#lib/db.ts'
import { AGG_DAYS } from '#lib/models/tables.ts'
import { externalDue, mayQuery, servingKind } from '#lib/storage/destinations.ts'
import { WAREHOUSE_KINDS } from '#lib/warehouse/facts.ts'
import type { ExternalWarehouse } from '#lib/warehouse/warehouse.ts'
import { cutPage, readChartQuery } from './chart-query.ts'
import { FIRST_DAY, firstDayFor } from './listener-data.ts'
import { existingTables, queryWarehouse } from './run-query.ts'

/**
 * Where pages are served from external warehouses, page views never query them. Charts with finite parameters run right
 * after a load, and so do those with open ones that pages have shown recently. Everything else that a page asks for runs in
 * a session of its own, a limited number of times a day. The results are stored in the app database, which all instances
 * share, until the next load.
 */

const Query = z.object({
  chart: z.enum(chartNames),
  params: z.record(z.string(), z.string()),
  zone: z.string(),
  /** Only of open queries; their results depend on it. */
  weekStart: z.number().optional(),
})
type Query = z.infer<typeof Query>

const StoredResult = z.object({
  chart: z.enum(chartNames),
  rows: z.array(z.record(z.string(), z.json())),
  asOf: z.string().nullable(),
  warehouse: z.enum(WAREHOUSE_KINDS),
  params: z.record(z.string(), z.string()),
  // Results stored by an older version don't have it.
  next: z.string().nullable().default(null),
  offset: z.number().optional(),
})

function keyOf({ chart, params, zone, weekStart }: Query): string {
  return `${chart} ${zone} ${weekStart === undefined ? '' : `${weekStart} `}${JSON.stringify(params)}`
}

/** What depends on more than the newest data can't be prepared: dates, searches, further pages, one song or artist. */
const NOT_REPEATED = ['from', 'to', 'compareFrom', 'compareTo', 'search', 'cursor', ...SUBJECTS]

/** Queries with open parameters that run again after each load, those that pages showed last. */
const MAX_REPEATED = 40
/** Queries that wait at the same time. */
const MAX_WAITING = 50
/** How long a page that nobody opens is still prepared. */
const SHOWN_FOR_MS = 7 * DAY

/**
 * The stored result of a query with finite parameters, which may be from an older load until the newer one is prepared.
 * Null if the query never ran, for example in a new time zone: it runs as soon as the warehouse can be queried.
 * @throws Stop when the warehouse could not run it
 */
export async function preparedResult(userId: string, query: Query): Promise<ChartResponse | null> {
  const queryKey = keyOf(query)
  const stored = await db().preparedResult.findUnique({ where: { userId_queryKey: { userId, queryKey } } })
  if (stored?.preparedAt) return readResult(stored.result)
  if (!stored) await db().preparedResult.createMany({ data: [{ userId, queryKey, query }], skipDuplicates: true })
  return null
}

/**
 * As `preparedResult`, for a query with open parameters. Remembers that a page has shown it.
 * @throws Refused 429 too, when the warehouse was started often enough today
 */
export async function queriedResult(userId: string, query: Query): Promise<ChartResponse | null> {
  const queryKey = keyOf(query)
  const isKnown = await db().preparedResult.updateMany({ where: { userId, queryKey }, data: { shownAt: now() } })
  if (isKnown.count === 0) {
    if ((await db().preparedResult.count({ where: { userId, preparedAt: null } })) >= MAX_WAITING)
      throw tooManyWaiting()
    const data = { userId, queryKey, query, shownAt: now() }
    await db().preparedResult.createMany({ data: [data], skipDuplicates: true })
  }
  const result = await preparedResult(userId, query)
  if (!result) await requireStarts(userId)
  return result
}

function readResult(result: unknown): ChartResponse {
  if (result !== null) return StoredResult.parse(result)
  throw new Stop('Your warehouse could not run this query', {
    remedy: 'It runs again with the next load. The log of the web process shows the cause.',
  })
}

function tooManyWaiting(): Refused {
  return new Refused(
    429,
    'queries-used-up',
    'Too many charts are waiting for your Snowflake',
    'Wait until the charts on the page are there, then try again.',
  )
}

/** @throws Refused 429 when pages have started the listener's warehouse as often as they may today */
async function requireStarts(userId: string): Promise<void> {
  const kind = servingKind()
  const connection = await db().warehouseConnection.findUnique({ where: { userId_kind: { userId, kind } } })
  if (!connection || mayQuery(connection)) return
  throw new Refused(
    429,
    'queries-used-up',
    'Pages have started your Snowflake as often as they may today',
    'This chart appears after the next load, or open it again tomorrow. Charts that were shown earlier still work.',
  )
}

/** True if a page is waiting for the result of a query. */
export async function hasUnpreparedQueries(userId: string): Promise<boolean> {
  return (await db().preparedResult.count({ where: { userId, preparedAt: null } })) > 0
}

/** Runs every query that has no result for the current data. One that fails does not stop the others. */
export async function prepareResults(userId: string, warehouse: ExternalWarehouse): Promise<void> {
  const user = await db().user.findUniqueOrThrow({ where: { id: userId } })
  const stored = await db().preparedResult.findMany({ where: { userId }, orderBy: { shownAt: 'desc' } })
  const fresh = new Set(stored.flatMap(({ version, queryKey }) => (version === user.dataVersion ? queryKey : [])))
  const { zone, queries } = queriesOf(user, stored)
  const tables = await existingTables(warehouse)
  const firstDay = await prepareFirstDay(user, stored, warehouse, tables)
  for (const query of queries.filter((query) => !fresh.has(keyOf(query)))) {
    await prepare(user, query, { firstDay, tables }, warehouse)
  }
  // Results of earlier data, of another time zone, or of a chart that no longer exists.
  const current = new Set([FIRST_DAY, ...queries.map(keyOf)])
  const outdated = stored.filter(
    ({ queryKey, version, query }) =>
      !current.has(queryKey) && !(version === user.dataVersion && Query.safeParse(query).data?.zone === zone),
  )
  const keys = outdated.map(({ queryKey }) => queryKey)
  await db().preparedResult.deleteMany({ where: { userId, queryKey: { in: keys } } })
}

/** What has to be there after a load: all charts with finite parameters, what pages showed last, and what pages wait for. */
function queriesOf(user: User, stored: PreparedResult[]): { zone: string; queries: Query[] } {
  const zone = user.zone ?? 'UTC'
  const finite = chartNames
    .filter((chart) => !isOpen(charts[chart]))
    .flatMap((chart) => everyParams(charts[chart].params).map((values): Query => ({ chart, params: values, zone })))
  const open = stored.flatMap(({ query, preparedAt, shownAt }) => {
    const known = Query.safeParse(query).data
    const isCurrent = known?.zone === zone && known.weekStart === user.weekStart
    return known && isCurrent && shownAt ? [{ query: known, preparedAt, shownAt }] : []
  })
  const waiting = open.filter(({ preparedAt }) => preparedAt === null)
  const shown = open.filter(
    ({ query, preparedAt, shownAt }) =>
      preparedAt !== null &&
      shownAt.getTime() > now().getTime() - SHOWN_FOR_MS &&
      !NOT_REPEATED.some((name) => name in query.params),
  )
  return { zone, queries: [...finite, ...[...waiting, ...shown.slice(0, MAX_REPEATED)].map(({ query }) => query)] }
}

/** The listener's day of the first play, which "all time" and pages need to know. */
async function prepareFirstDay(
  { id: userId, dataVersion: version, zone }: User,
  stored: PreparedResult[],
  warehouse: ExternalWarehouse,
  tables: Set<string>,
): Promise<string | null> {
  const known = stored.find(({ queryKey }) => queryKey === FIRST_DAY)
  const query = { zone: zone ?? 'UTC' }
  if (known?.version === version && JSON.stringify(known.query) === JSON.stringify(query)) return firstDayFor(userId)
  const { schema, name } = AGG_DAYS
  if (!tables.has(`${schema}.${name}`)) return null
  const [row] = await warehouse.query(`select min(day) as day from ${warehouse.table(schema, name)}`, [])
  const day = typeof row?.day === 'string' ? row.day : null
  const data = { version, result: { day }, query, preparedAt: now() }
  await db().preparedResult.upsert({
    where: { userId_queryKey: { userId, queryKey: FIRST_DAY } },
    create: { userId, queryKey: FIRST_DAY, ...data },
    update: data,
  })
  return day
}

async function prepare(
  { id: userId, dataVersion: version, dataAsOf }: User,
  query: Query,
  { firstDay, tables }: { firstDay: string | null; tables: Set<string> },
  warehouse: ExternalWarehouse,
): Promise<void> {
  const queryKey = keyOf(query)
  const chart: Chart = charts[query.chart]
  let result: z.input<typeof StoredResult> | null = null
  try {
    const calendar = calendarOf({ zone: query.zone, weekStart: query.weekStart ?? 1 }, firstDay)
    const chartQuery = readChartQuery(chart, query.params, calendar)
    const rows = await queryWarehouse(warehouse, chart, { query: chartQuery, zone: query.zone, tables })
    const params = isOpen(chart) ? chartQuery.shown : query.params
    const page = { ...cutPage(chart, chartQuery, rows), params }
    result = { chart: query.chart, asOf: toIso(dataAsOf), warehouse: warehouse.kind, ...page }
  } catch (error) {
    // Days of an earlier calendar may not exist in this one.
    if (!(error instanceof Refused) && (!(error instanceof Stop) || error.context.kind === 'needs you')) throw error
    log.error('a chart query failed', { userId, queryKey, problem: messageOf(error) })
  }
  const stored = result ? StoredResult.parse(result) : Prisma.DbNull
  const data = { version, result: stored, query, preparedAt: now() }
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
