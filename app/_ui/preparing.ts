import type { ChartAnswer, ChartsAnswer } from '#lib/api/answers.ts'

/** Charts whose warehouse is still being queried come with status 202 and without rows. */

export function isPreparing(answer: ChartsAnswer | undefined): boolean {
  return answer?.charts.some(({ preparing }) => preparing) ?? false
}

/** Keeps the rows already shown until the warehouse has new ones. */
export function keepRows(before: ChartsAnswer, next: ChartsAnswer): ChartsAnswer {
  if (!isPreparing(next)) return next
  return { charts: next.charts.map((chart) => (chart.preparing ? withRowsOf(before, chart) : chart)) }
}

function withRowsOf({ charts }: ChartsAnswer, chart: ChartAnswer): ChartAnswer {
  const seen = charts.find(({ chart: name }) => name === chart.chart)
  return seen ? { ...seen, preparing: true } : chart
}
