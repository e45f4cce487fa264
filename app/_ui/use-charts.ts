'use client'

import type { ChartsResponse } from '#lib/api/charts.ts'
import { useLiveInterval } from './me.tsx'
import { isPreparing, keepRows } from './preparing.ts'
import { useAnswer } from './use-answer.ts'

/** How often a page asks again while a connected warehouse prepares its answers. */
const PREPARING_MS = 1_500

/** The answers of several charts with one call, asked again as long as a run or the warehouse brings new rows. */
export function useCharts(names: string[], params: Record<string, string> = {}) {
  const query = new URLSearchParams({ names: names.join(','), ...params })
  const usual = useLiveInterval()
  return useAnswer<ChartsResponse>(`/api/charts?${query}`, {
    every: (answer) => (isPreparing(answer) ? PREPARING_MS : usual),
    keep: keepRows,
  })
}
