import { requestLoads } from '#inngest/events.ts'
import type { ChartResponse } from '#lib/api/charts.ts'
import { connectionsToPrepare } from '#lib/query/prepared-results.ts'

/** Requests missing results: the connected warehouse is queried by a job, never by a page. */
export async function prepareMissing(listenerId: string, charts: ChartResponse[]): Promise<void> {
  await requestLoads(await connectionsToPrepare(listenerId, charts))
}

/** 202 while a result is being prepared. */
export function statusOf(charts: ChartResponse[]): 200 | 202 {
  return charts.some(({ preparing }) => preparing) ? 202 : 200
}
