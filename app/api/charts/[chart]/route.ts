import { prepareMissing, statusOf } from '#app/api/charts/preparing.ts'
import { serve } from '#app/api/serve.ts'
import { getChart } from '#lib/api/charts.ts'
import { queryExcerpt } from '#lib/query/query-chart.ts'

export const GET = serve(
  getChart,
  async ({ listener, params: { chart: name }, query: { limit, ...params } }) => {
    const chart = await queryExcerpt(listener.id, name, { limit, params })
    await prepareMissing(listener.id, [chart])
    return chart
  },
  (chart) => statusOf([chart]),
)
