import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { erase } from '#lib/accounts/erase.ts'
import { authenticated } from '#lib/auth/auth.ts'

export async function POST(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    const { confirm } = await bodyOf(request, z.object({ confirm: z.string().max(500) }))
    return erase(listener.id, confirm)
  })
}
