import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { changeKey } from '#lib/load/connection/change.ts'

/** "Rotate key" */
export async function POST(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    const { deed } = await bodyOf(request, z.object({ deed: z.enum(['make', 'use', 'drop']) }))
    return changeKey(listener.id, deed)
  })
}
