import { z } from 'zod'
import { answer, bodyOf, PageQuery, queryOf, requireOwnOrigin } from '#app/api/answer.ts'
import { createInvite, listInvites } from '#lib/accounts/invites.ts'
import { authenticatedAdmin } from '#lib/auth/auth.ts'

const Wish = z.object({
  note: z.string().trim().max(100, 'a note has at most 100 characters').default(''),
  mostUses: z.number().int().min(1, 'at least one use').max(100, 'at most 100 uses').default(1),
  days: z.number().int().min(1, 'at least a day').max(90, 'at most 90 days').default(7),
})

export async function GET(request: Request) {
  return answer(async () => {
    await authenticatedAdmin()
    return listInvites(queryOf(request, PageQuery))
  })
}

/** The link is in this answer and nowhere else. */
export async function POST(request: Request) {
  return answer(async () => {
    requireOwnOrigin(request)
    const admin = await authenticatedAdmin()
    return createInvite(admin.id, await bodyOf(request, Wish))
  })
}
