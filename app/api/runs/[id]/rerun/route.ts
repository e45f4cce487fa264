import { z } from 'zod'
import { requestLoads, requestStreams } from '../../../../../inngest/events.ts'
import { authenticated } from '../../../../../lib/auth.ts'
import { rerun } from '../../../../../lib/listener/run-answers.ts'
import { answer, bodyOf } from '../../../answer.ts'

export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }) {
  return answer(async () => {
    const listener = await authenticated('start runs')
    await bodyOf(request, z.object({}))
    const { run, requests, connections } = await rerun(listener, (await params).id)
    await requestStreams(requests)
    await requestLoads(connections)
    return run
  }, 202)
}
