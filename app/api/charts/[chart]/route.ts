import { prepareMissing, statusOf } from '#app/api/charts/preparing.ts'
import { serve } from '#app/api/serve.ts'
import { getChart } from '#lib/api/charts.ts'
import { queryChart } from '#lib/query/query-chart.ts'

export const GET = serve(
  getChart,
  async ({ listener, params: { chart: name }, query: { limit, ...params } }) => {
    const chart = await queryChart(listener.id, name, params)
    await prepareMissing(listener.id, [chart])
    return { ...chart, rows: chart.rows.slice(0, limit) }
  },
  (chart) => statusOf([chart]),
)
