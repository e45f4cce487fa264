import { serve } from '#app/api/serve.ts'
import { getCharts } from '#lib/api/charts.ts'
import { queryChart } from '#lib/query/query-chart.ts'
import { prepareMissing, statusOf } from './preparing.ts'

export const GET = serve(
  getCharts,
  async ({ listener, query: { names, ...params } }) => {
    const charts = await Promise.all(names.map((name) => queryChart(listener.id, name, params)))
    await prepareMissing(listener.id, charts)
    return { charts }
  },
  ({ charts }) => statusOf(charts),
)
