import { authenticatedAdmin } from '../../../../lib/auth.ts'
import { adminOverview } from '../../../../lib/listener/admin.ts'
import { answer } from '../../answer.ts'

export async function GET() {
  return answer(async () => {
    await authenticatedAdmin()
    return adminOverview()
  })
}
