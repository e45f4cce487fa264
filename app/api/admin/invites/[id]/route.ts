import { z } from 'zod'
import { authenticatedAdmin } from '../../../../../lib/auth.ts'
import { revokeInvite } from '../../../../../lib/listener/invites.ts'
import { answer, bodyOf, requireOwnOrigin } from '../../../answer.ts'

export async function DELETE(request: Request, { params }: { params: Promise<{ id: string }> }) {
  return answer(async () => {
    requireOwnOrigin(request)
    const admin = await authenticatedAdmin()
    await bodyOf(request, z.object({}))
    return revokeInvite(admin.id, (await params).id)
  })
}
