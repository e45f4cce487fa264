import { answer, bodyOf, PageQuery, queryOf, RunChoice } from '#app/api/answer.ts'
import { requestStreams } from '#inngest/events.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { listRuns } from '#lib/runs/run-responses.ts'
import { runNow } from '#lib/sync/order-run.ts'

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
    const { run, requests, leftOut, underWay } = await runNow(listener, await bodyOf(request, RunChoice))
    await requestStreams(requests)
    return { ...run, leftOut, underWay }
  }, 202)
}
