import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { revokeToken } from '#lib/accounts/api-tokens.ts'
import { authenticated } from '#lib/auth/auth.ts'

/** "Revoke". */
export async function DELETE(request: Request, { params }: { params: Promise<{ id: string }> }) {
  return answer(async () => {
    const listener = await authenticated()
    await bodyOf(request, z.object({}))
    return revokeToken(listener, (await params).id)
  })
}
