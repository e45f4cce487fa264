import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { Time } from './shapes.ts'

/** How many charts one call may ask for. */
const MAX_CHARTS = 8

export const ChartResponse = z
  .strictObject({
    chart: z.string(),
    rows: z.array(z.record(z.string(), z.unknown())),
    asOf: Time.nullable().describe('When the data was loaded; null while there is none'),
    warehouse: z.enum(['duckdb', 'snowflake']),
    params: z.record(z.string(), z.string()),
    preparing: z
      .literal(true)
      .optional()
      .describe('The connected warehouse is being queried; ask again in a second or two. Comes with status 202'),
  })
  .meta({ id: 'ChartResponse' })
export type ChartResponse = z.infer<typeof ChartResponse>

export const ChartsResponse = z.strictObject({ charts: z.array(ChartResponse) }).meta({ id: 'ChartsResponse' })
export type ChartsResponse = z.infer<typeof ChartsResponse>

export const getChart = defineEndpoint({
  method: 'GET',
  path: '/api/charts/[chart]',
  summary: 'One chart',
  access: { token: 'read charts' },
  query: z.object({}).catchall(z.string()),
  response: ChartResponse,
  statuses: [200, 202],
  errors: ['unknown-chart', 'wrong-parameter'],
})

export const getCharts = defineEndpoint({
  method: 'GET',
  path: '/api/charts',
  summary: 'Several charts with one call, all with the same parameters',
  access: { token: 'read charts' },
  query: z
    .object({
      names: z
        .string()
        .describe(`Charts with commas between them, at most ${MAX_CHARTS}`)
        .transform((names) => names.split(',').filter(Boolean))
        .pipe(z.array(z.string()).min(1).max(MAX_CHARTS)),
    })
    .catchall(z.string()),
  response: ChartsResponse,
  statuses: [200, 202],
  errors: ['unknown-chart', 'wrong-parameter'],
})
