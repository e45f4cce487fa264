import { z } from 'zod'
import { authenticatedAdmin } from '../../../../lib/auth.ts'
import { listRuns, runFilter } from '../../../../lib/listener/run-answers.ts'
import { answer, PageQuery, queryOf } from '../../answer.ts'

const Query = PageQuery.extend({ listener: z.string().max(64).optional(), state: z.string().max(20).optional() })

export async function GET(request: Request) {
  return answer(async () => {
    await authenticatedAdmin()
    const { listener, state, ...page } = queryOf(request, Query)
    return listRuns(runFilter({ listener, state }), page)
  })
}
