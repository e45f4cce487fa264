'use client'

import type { ChartsAnswer } from '../../lib/answers.ts'
import { useLiveInterval } from './me.tsx'
import { useAnswer } from './use-answer.ts'

/** The answers of several charts with one call, asked again as long as a run brings new rows. */
export function useCharts(names: string[], params: Record<string, string> = {}) {
  const query = new URLSearchParams({ names: names.join(','), ...params })
  return useAnswer<ChartsAnswer>(`/api/charts?${query}`, { every: useLiveInterval() })
}
