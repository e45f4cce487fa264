'use client'

import { type ChartName, getCharts } from '#lib/api/client.ts'
import { useLiveInterval } from './me.tsx'
import { isPreparing, keepRows } from './preparing.ts'
import { useEndpoint } from './use-endpoint.ts'

/** How often a page asks again while a connected warehouse prepares its answers. */
const PREPARING_MS = 1_500

/** The answers of several charts with one call, asked again as long as a run or the warehouse brings new rows. */
export function useCharts(names: readonly ChartName[], params: Record<string, string> = {}) {
  const usual = useLiveInterval()
  return useEndpoint(getCharts, {
    query: { names: names.join(','), ...params },
    every: (answer) => (isPreparing(answer) ? PREPARING_MS : usual),
    keep: keepRows,
  })
}
