import { z } from 'zod'
import { authenticated } from '../../../../../lib/auth.ts'
import { testChannel } from '../../../../../lib/listener/telling/test-channel.ts'
import { answer, bodyOf } from '../../../answer.ts'

export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }) {
  return answer(async () => {
    const listener = await authenticated()
    await bodyOf(request, z.object({}))
    return testChannel(listener, (await params).id)
  })
}
