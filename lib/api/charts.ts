import { z } from 'zod'
import { type ChartName, chartNames, charts } from '#lib/charts/index.ts'
import { TIME_RANGES } from '#lib/streams/time-ranges.ts'
import { WAREHOUSE_KINDS } from '#lib/warehouse/facts.ts'
import { defineEndpoint } from './endpoint.ts'
import { PeriodQuery } from './period.ts'
import { Time } from './shapes.ts'

/** Maximum number of charts per request. */
const MAX_CHARTS = 8
const MAX_LIMIT = 500

/** Which days exist is checked once the chart and the listener's calendar are known. */
const PeriodParams = Object.fromEntries(
  Object.entries(PeriodQuery.shape).map(([name, shape]) => [
    name,
    z
      .string()
      .optional()
      .describe(shape.description ?? ''),
  ]),
)

/** What every chart takes besides parameters of its own; the chart itself checks those. */
const ChartQuery = z
  .object({
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(MAX_LIMIT)
      .optional()
      .describe('Maximum number of rows per chart; all if omitted'),
    ...PeriodParams,
    sort: z.string().optional().describe('The order of a list'),
    search: z.string().optional().describe('Only rows of a list that contain this text'),
    cursor: z.string().optional().describe('What the page before has as "next"'),
    range: z
      .string()
      .optional()
      .describe(`Period of the top lists: ${Object.keys(TIME_RANGES).join(', ')}`),
  })
  .catchall(z.string())

/** A chart with the rows that it declares. */
const one = (name: ChartName) =>
  z.strictObject({
    chart: z.literal(name),
    rows: z.array(charts[name].row.strict()),
    asOf: Time.nullable().describe('When the data was loaded; null if there is none'),
    warehouse: z.enum(WAREHOUSE_KINDS),
    params: z.record(z.string(), z.string()),
    next: z
      .string()
      .nullable()
      .describe('Send it as cursor, with the same other parameters, for the next page; null on the last one'),
    offset: z
      .int()
      .optional()
      .describe('How many rows of the list come before these. Only for lists whose pages are counted by rows'),
    preparing: z
      .literal(true)
      .optional()
      .describe('The connected warehouse is still being queried: retry in a second or two. Only with status 202'),
  })

export interface ChartResponse extends Omit<z.infer<ReturnType<typeof one>>, 'rows'> {
  rows: Record<string, unknown>[]
}

export const ChartResponse: z.ZodType<ChartResponse> = z.union(chartNames.map(one)).meta({ id: 'ChartResponse' })

export const ChartsResponse = z.strictObject({ charts: z.array(ChartResponse) }).meta({ id: 'ChartsResponse' })
export type ChartsResponse = z.infer<typeof ChartsResponse>

export const getChart = defineEndpoint({
  method: 'GET',
  path: '/api/charts/[chart]',
  summary: 'One chart',
  access: { token: 'read charts' },
  query: ChartQuery,
  limit: 'queries',
  response: ChartResponse,
  statuses: [200, 202],
  errors: ['unknown-chart', 'wrong-parameter', 'queries-used-up'],
})

export const getCharts = defineEndpoint({
  method: 'GET',
  path: '/api/charts',
  summary: 'Several charts in one request, all with the same parameters',
  access: { token: 'read charts' },
  query: ChartQuery.extend({
    names: z
      .string()
      .describe(`Comma-separated chart names, at most ${MAX_CHARTS}: ${chartNames.join(', ')}`)
      .transform((names) => names.split(',').filter(Boolean))
      .pipe(z.array(z.string()).min(1).max(MAX_CHARTS)),
  }),
  limit: 'queries',
  response: ChartsResponse,
  statuses: [200, 202],
  errors: ['unknown-chart', 'wrong-parameter', 'queries-used-up'],
})
