import { answer, bodyOf, RunChoice } from '#app/api/answer.ts'
import { requestLoads, requestStreams } from '#inngest/events.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { rerun } from '#lib/sync/order-run.ts'

export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }) {
  return answer(async () => {
    const listener = await authenticated('start runs')
    const choice = await bodyOf(request, RunChoice)
    const { run, requests, connections, leftOut, underWay } = await rerun(listener, (await params).id, choice)
    await requestStreams(requests)
    await requestLoads(connections)
    return { ...run, leftOut, underWay }
  }, 202)
}
