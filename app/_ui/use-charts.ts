'use client'

import { type ChartName, type ChartResponse, type ChartsResponse, getCharts } from '#lib/api/client.ts'
import { useLiveInterval } from './me.tsx'
import { useEndpoint } from './use-endpoint.ts'

/** Poll interval while a connected warehouse prepares results. */
const PREPARING_MS = 1_500

/** Fetches several charts in one request, and polls while a run or the warehouse brings new rows. */
export function useCharts(names: readonly ChartName[], query: Record<string, string | undefined> = {}) {
  const usual = useLiveInterval()
  return useEndpoint(getCharts, {
    query: { names: names.join(','), ...query },
    every: (data) => (isPreparing(data) ? PREPARING_MS : usual),
    keep: keepRows,
  })
}

/** True while a connected warehouse still prepares one of the charts, which comes with status 202 and without rows. */
export function isPreparing(data: ChartsResponse | undefined): boolean {
  return data?.charts.some(({ preparing }) => preparing) ?? false
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
