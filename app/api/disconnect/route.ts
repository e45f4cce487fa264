import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { disconnect } from '#lib/accounts/disconnect.ts'
import { connections } from '#lib/accounts/status.ts'
import { authenticated } from '#lib/auth/auth.ts'

export async function POST(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    await bodyOf(request, z.object({}))
    await disconnect(listener.id)
    return connections(listener)
  })
}
