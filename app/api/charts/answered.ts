import { requestLoads } from '#inngest/events.ts'
import type { ChartResponse } from '#lib/api/charts.ts'
import { warehousesToAsk } from '#lib/query/query-chart.ts'

/** Sees to it that answers which are being prepared come: the connected warehouse is asked by a job, never by a page. */
export async function seeToAnswers(listenerId: string, answers: ChartResponse[]): Promise<void> {
  if (answers.some(({ preparing }) => preparing)) await requestLoads(await warehousesToAsk(listenerId))
}

/** 202 while an answer is being prepared. */
export function statusOf(answers: ChartResponse[]): number {
  return answers.some(({ preparing }) => preparing) ? 202 : 200
}
