import { z } from 'zod'
import { answer, bodyOf, requireOwnOrigin } from '#app/api/answer.ts'
import { revokeInvite } from '#lib/accounts/invites.ts'
import { authenticatedAdmin } from '#lib/auth/auth.ts'

export async function DELETE(request: Request, { params }: { params: Promise<{ id: string }> }) {
  return answer(async () => {
    requireOwnOrigin(request)
    const admin = await authenticatedAdmin()
    await bodyOf(request, z.object({}))
    return revokeInvite(admin.id, (await params).id)
  })
}
