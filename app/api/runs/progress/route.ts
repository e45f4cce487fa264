import { z } from 'zod'
import { answer, queryOf } from '#app/api/answer.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { runsProgress } from '#lib/runs/run-responses.ts'

const Query = z.object({
  ids: z
    .string()
    .transform((ids) => ids.split(',').filter(Boolean))
    .pipe(z.array(z.string()).max(50)),
})

export async function GET(request: Request) {
  return answer(async () => {
    const listener = await authenticated('read runs')
    return runsProgress(listener, queryOf(request, Query).ids)
  })
}
