import type { ChartResponse, ChartsResponse } from '#lib/api/client.ts'

/** Charts whose warehouse is still being queried come with status 202 and without rows. */

export function isPreparing(answer: ChartsResponse | undefined): boolean {
  return answer?.charts.some(({ preparing }) => preparing) ?? false
}

/** Keeps the rows already shown until the warehouse has new ones. */
export function keepRows(before: ChartsResponse, next: ChartsResponse): ChartsResponse {
  if (!isPreparing(next)) return next
  return { charts: next.charts.map((chart) => (chart.preparing ? withRowsOf(before, chart) : chart)) }
}

function withRowsOf({ charts }: ChartsResponse, chart: ChartResponse): ChartResponse {
  const seen = charts.find(({ chart: name }) => name === chart.chart)
  return seen ? { ...seen, preparing: true } : chart
}
