import { serve } from '#app/api/serve.ts'
import { getCharts } from '#lib/api/charts.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { prepareMissing, statusOf } from './preparing.ts'

export const GET = serve(
  getCharts,
  async ({ listener, query: { names, limit, ...params } }) => {
    const response = await queryCharts(listener.id, names, { limit, params })
    await prepareMissing(listener.id, response.charts)
    return response
  },
  ({ charts }) => statusOf(charts),
)
