import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { requestStreams } from '#inngest/events.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { probeNow } from '#lib/ops/probe-app.ts'

/** "Look now", whether Spotify answers again through a paused app; the hourly look does the same by itself. */
export async function POST(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    const { app = null } = await bodyOf(request, z.object({ app: z.string().max(200).optional() }))
    const { answers, requests } = await probeNow(listener, app)
    await requestStreams(requests)
    return { answers }
  })
}
