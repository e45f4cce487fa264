import { z } from 'zod'
import { answer, queryOf } from '#app/api/answer.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { queryChart } from '#lib/query/query-chart.ts'
import { seeToAnswers, statusOf } from './answered.ts'

const MOST_CHARTS = 8

const Query = z.looseObject({
  names: z
    .string()
    .transform((names) => names.split(',').filter(Boolean))
    .pipe(z.array(z.string()).min(1).max(MOST_CHARTS)),
})

/** Several charts with one call. */
export async function GET(request: Request) {
  return answer(
    async () => {
      const listener = await authenticated('read charts')
      const { names, ...params } = queryOf(request, Query)
      const asked = params as Record<string, string>
      const charts = await Promise.all(names.map((name) => queryChart(listener.id, name, asked)))
      await seeToAnswers(listener.id, charts)
      return { charts }
    },
    ({ charts }) => statusOf(charts),
  )
}
