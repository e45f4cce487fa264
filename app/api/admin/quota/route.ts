import { z } from 'zod'
import { answer, bodyOf, PageQuery, queryOf, requireOwnOrigin } from '#app/api/answer.ts'
import { authenticatedAdmin } from '#lib/auth/auth.ts'
import { forgetQuota, quotaStatus } from '#lib/ops/quota-status.ts'

export async function GET(request: Request) {
  return answer(async () => {
    await authenticatedAdmin()
    return quotaStatus(queryOf(request, PageQuery))
  })
}

/** Forgets the limits that were learned of a developer account. */
export async function DELETE(request: Request) {
  return answer(async () => {
    requireOwnOrigin(request)
    const admin = await authenticatedAdmin()
    const { account } = await bodyOf(request, z.object({ account: z.string().max(500) }))
    await forgetQuota(admin.id, account)
    return { account }
  })
}
