import { requestLoads } from '#inngest/events.ts'
import type { ChartAnswer } from '#lib/api/answers.ts'
import { connectionsToPrepare } from '#lib/query/query-chart.ts'

/** Sees to it that answers which are being prepared come: the connected warehouse is asked by a job, never by a page. */
export async function seeToAnswers(listenerId: string, answers: ChartAnswer[]): Promise<void> {
  if (answers.some(({ preparing }) => preparing)) await requestLoads(await connectionsToPrepare(listenerId))
}

/** 202 while an answer is being prepared. */
export function statusOf(answers: ChartAnswer[]): number {
  return answers.some(({ preparing }) => preparing) ? 202 : 200
}
