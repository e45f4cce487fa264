import { ask } from '../../../../lib/ask.ts'
import { authenticated } from '../../../../lib/auth.ts'
import { answer } from '../../answer.ts'
import { seeToAnswers, statusOf } from '../answered.ts'

export async function GET(request: Request, { params }: { params: Promise<{ chart: string }> }) {
  return answer(
    async () => {
      const listener = await authenticated('read charts')
      const { chart } = await params
      const given = await ask(listener.id, chart, Object.fromEntries(new URL(request.url).searchParams))
      await seeToAnswers(listener.id, [given])
      return given
    },
    (given) => statusOf([given]),
  )
}
