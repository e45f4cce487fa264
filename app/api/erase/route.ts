import { z } from 'zod'
import { authenticated } from '../../../lib/auth.ts'
import { erase } from '../../../lib/listener/erase.ts'
import { answer, bodyOf } from '../answer.ts'

export async function POST(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    const { confirm } = await bodyOf(request, z.object({ confirm: z.string().max(500) }))
    return erase(listener.id, confirm)
  })
}
