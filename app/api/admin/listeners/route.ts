import { authenticatedAdmin } from '../../../../lib/auth.ts'
import { listListeners } from '../../../../lib/listener/admin.ts'
import { answer, PageQuery, queryOf } from '../../answer.ts'

export async function GET(request: Request) {
  return answer(async () => {
    await authenticatedAdmin()
    return listListeners(queryOf(request, PageQuery))
  })
}
