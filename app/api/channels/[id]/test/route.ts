import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { testChannel } from '#lib/notifications/test-channel.ts'

export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }) {
  return answer(async () => {
    const listener = await authenticated()
    await bodyOf(request, z.object({}))
    return testChannel(listener, (await params).id)
  })
}
