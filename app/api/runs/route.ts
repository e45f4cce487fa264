import { z } from 'zod'
import { requestStreams } from '../../../inngest/events.ts'
import { authenticated } from '../../../lib/auth.ts'
import { listRuns, runNow } from '../../../lib/listener/run-answers.ts'
import { answer, bodyOf, PageQuery, queryOf } from '../answer.ts'

export async function GET(request: Request) {
  return answer(async () => {
    const listener = await authenticated('read runs')
    return listRuns({ userId: listener.id }, queryOf(request, PageQuery))
  })
}

/** "Run now". */
export async function POST(request: Request) {
  return answer(async () => {
    const listener = await authenticated('start runs')
    const { streams } = await bodyOf(request, z.object({ streams: z.array(z.string()).min(1).max(50).optional() }))
    const { run, requests } = await runNow(listener, streams)
    await requestStreams(requests)
    return run
  }, 202)
}
