import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { announceEnd } from '#inngest/events.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { cancel } from '#lib/sync/order-run.ts'

export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }) {
  return answer(async () => {
    const listener = await authenticated('start runs')
    await bodyOf(request, z.object({}))
    const { run, isStopped } = await cancel(listener, (await params).id)
    if (isStopped) await announceEnd(run.id)
    return run
  }, 202)
}
