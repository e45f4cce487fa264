import { z } from 'zod'
import { authenticated } from '../../../../lib/auth.ts'
import { changeKey } from '../../../../lib/listener/snowflake/change.ts'
import { answer, bodyOf } from '../../answer.ts'

/** "Rotate key" */
export async function POST(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    const { deed } = await bodyOf(request, z.object({ deed: z.enum(['make', 'use', 'drop']) }))
    return changeKey(listener.id, deed)
  })
}
