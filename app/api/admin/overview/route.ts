import { answer } from '#app/api/answer.ts'
import { authenticatedAdmin } from '#lib/auth/auth.ts'
import { adminOverview } from '#lib/ops/admin.ts'

export async function GET() {
  return answer(async () => {
    await authenticatedAdmin()
    return adminOverview()
  })
}
