import { answer, PageQuery, queryOf } from '#app/api/answer.ts'
import { authenticatedAdmin } from '#lib/auth/auth.ts'
import { listListeners } from '#lib/ops/admin.ts'

export async function GET(request: Request) {
  return answer(async () => {
    await authenticatedAdmin()
    return listListeners(queryOf(request, PageQuery))
  })
}
