import { z } from 'zod'
import { authenticated } from '../../../lib/auth.ts'
import { disconnect } from '../../../lib/listener/disconnect.ts'
import { connections } from '../../../lib/listener/status.ts'
import { answer, bodyOf } from '../answer.ts'

export async function POST(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    await bodyOf(request, z.object({}))
    await disconnect(listener.id)
    return connections(listener)
  })
}
