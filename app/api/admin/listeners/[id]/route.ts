import { z } from 'zod'
import { answer, bodyOf, requireOwnOrigin } from '#app/api/answer.ts'
import { changePerson, removeListener } from '#lib/accounts/people.ts'
import { authenticatedAdmin } from '#lib/auth/auth.ts'

type Context = { params: Promise<{ id: string }> }

const Change = z.object({ suspended: z.boolean().optional(), isAdmin: z.boolean().optional() })

export async function PUT(request: Request, { params }: Context) {
  return answer(async () => {
    requireOwnOrigin(request)
    const admin = await authenticatedAdmin()
    const change = await bodyOf(request, Change)
    const { id } = await params
    await changePerson(admin.id, id, change)
    return { id, ...change }
  })
}

/** Removes a listener with everything of theirs, after their name was typed. */
export async function DELETE(request: Request, { params }: Context) {
  return answer(async () => {
    requireOwnOrigin(request)
    const admin = await authenticatedAdmin()
    const { confirm } = await bodyOf(request, z.object({ confirm: z.string().max(500) }))
    return removeListener(admin.id, (await params).id, confirm)
  })
}
