import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { createToken, listTokens } from '#lib/accounts/api-tokens.ts'
import { authenticated } from '#lib/auth/auth.ts'

const LONGEST_DAYS = 365

const Order = z.object({
  name: z.string().trim().min(1, 'say what it is for').max(60, 'at most 60 characters'),
  scopes: z.array(z.enum(['read charts', 'read runs', 'start runs'])).min(1, 'allow at least one thing'),
  days: z.number().int().min(1, 'at least a day').max(LONGEST_DAYS, 'at most a year'),
})

export async function GET() {
  return answer(async () => listTokens(await authenticated()))
}

/** The token is in this answer, and nowhere else. */
export async function POST(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    return createToken(listener, await bodyOf(request, Order))
  }, 201)
}
