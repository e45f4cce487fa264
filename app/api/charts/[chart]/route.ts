import { answer } from '#app/api/answer.ts'
import { seeToAnswers, statusOf } from '#app/api/charts/answered.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { queryChart } from '#lib/query/query-chart.ts'

export async function GET(request: Request, { params }: { params: Promise<{ chart: string }> }) {
  return answer(
    async () => {
      const listener = await authenticated('read charts')
      const { chart } = await params
      const given = await queryChart(listener.id, chart, Object.fromEntries(new URL(request.url).searchParams))
      await seeToAnswers(listener.id, [given])
      return given
    },
    (given) => statusOf([given]),
  )
}
