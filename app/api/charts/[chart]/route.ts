import { prepareMissing, statusOf } from '#app/api/charts/preparing.ts'
import { serve } from '#app/api/serve.ts'
import { getChart } from '#lib/api/charts.ts'
import { queryChart } from '#lib/query/query-chart.ts'

export const GET = serve(
  getChart,
  async ({ listener, params, query }) => {
    const chart = await queryChart(listener.id, params.chart, query)
    await prepareMissing(listener.id, [chart])
    return chart
  },
  (chart) => statusOf([chart]),
)
