import { z } from 'zod'
import { answer, PageQuery, queryOf } from '#app/api/answer.ts'
import { authenticatedAdmin } from '#lib/auth/auth.ts'
import { listRuns, runFilter } from '#lib/runs/run-responses.ts'

const Query = PageQuery.extend({ listener: z.string().max(64).optional(), state: z.string().max(20).optional() })

export async function GET(request: Request) {
  return answer(async () => {
    await authenticatedAdmin()
    const { listener, state, ...page } = queryOf(request, Query)
    return listRuns(runFilter({ listener, state }), page)
  })
}
