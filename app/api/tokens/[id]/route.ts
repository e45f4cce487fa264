import { z } from 'zod'
import { authenticated } from '../../../../lib/auth.ts'
import { revokeToken } from '../../../../lib/listener/tokens.ts'
import { answer, bodyOf } from '../../answer.ts'

/** "Revoke". */
export async function DELETE(request: Request, { params }: { params: Promise<{ id: string }> }) {
  return answer(async () => {
    const listener = await authenticated()
    await bodyOf(request, z.object({}))
    return revokeToken(listener, (await params).id)
  })
}
