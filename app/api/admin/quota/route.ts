import { authenticatedAdmin } from '../../../../lib/auth.ts'
import { quotaOf } from '../../../../lib/listener/quota.ts'
import { answer, PageQuery, queryOf } from '../../answer.ts'

export async function GET(request: Request) {
  return answer(async () => {
    await authenticatedAdmin()
    return quotaOf(queryOf(request, PageQuery))
  })
}
