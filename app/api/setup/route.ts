import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { setupVisitor } from '#app/setup/visitor.ts'
import { canSeeSetup, requireSetupAccess, setUp, setupState } from '#lib/accounts/setup.ts'
import { SWITCH_TO_REAL } from '#lib/core/config.ts'
import { Refused } from '#lib/core/errors.ts'

const Given = z.object({
  clientId: z.string().trim().max(200),
  clientSecret: z.string().trim().max(200),
  save: z.boolean().default(false),
})

export async function GET() {
  return answer(async () => {
    const visitor = await setupVisitor(null)
    if (await canSeeSetup(visitor)) return setupState(!visitor.loopback && !visitor.admin)
    throw new Refused(404, 'not-found', 'There is nothing here', 'Check the address.')
  })
}

export async function POST(request: Request) {
  return answer(async () => {
    // Who asks comes first: to a stranger every body is answered alike.
    const { code } = await bodyOf(request.clone(), z.looseObject({ code: z.string().max(100).optional() }))
    await requireSetupAccess(await setupVisitor(code?.trim() ?? null))
    const given = await bodyOf(request, Given)
    const checked = await setUp(given)
    // The answer goes out first.
    if (checked.saved) setTimeout(() => process.exit(SWITCH_TO_REAL), 500)
    return checked
  })
}
