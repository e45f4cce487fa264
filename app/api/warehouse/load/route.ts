import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { requestLoads } from '#inngest/events.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { loadNow } from '#lib/sync/order-run.ts'

/** "Load now", or with `everything` all tables again. */
export async function POST(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    const { everything } = await bodyOf(request, z.object({ everything: z.boolean().default(false) }))
    const { run, connections } = await loadNow(listener, everything)
    await requestLoads(connections)
    return run
  }, 202)
}
