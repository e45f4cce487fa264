import { z } from 'zod'
import { Refused } from '../../../lib/errors.ts'
import { admitToSetup, seesSetup, setUp, setupState } from '../../../lib/listener/setup.ts'
import { setupVisitor } from '../../setup/visitor.ts'
import { answer, bodyOf } from '../answer.ts'

const Given = z.object({
  clientId: z.string().trim().max(200),
  clientSecret: z.string().trim().max(200),
  code: z.string().trim().max(100).optional(),
  save: z.boolean().default(false),
})

/** With this exit code the supervisor starts the web process again, in real mode. */
const GO_REAL = 64

export async function GET() {
  return answer(async () => {
    const visitor = await setupVisitor(null)
    if (await seesSetup(visitor)) return setupState(!visitor.loopback && !visitor.admin)
    throw new Refused(404, 'not-found', 'There is nothing here', 'Check the address.')
  })
}

export async function POST(request: Request) {
  return answer(async () => {
    const given = await bodyOf(request, Given)
    await admitToSetup(await setupVisitor(given.code ?? null))
    const checked = await setUp(given)
    // The answer goes out first.
    if (checked.saved) setTimeout(() => process.exit(GO_REAL), 500)
    return checked
  })
}
