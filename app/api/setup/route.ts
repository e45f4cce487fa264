import { headers } from 'next/headers'
import { z } from 'zod'
import { currentListener } from '../../../lib/auth.ts'
import { settings } from '../../../lib/config.ts'
import { admitToSetup, setUp, setupState } from '../../../lib/listener/setup.ts'
import { answer, bodyOf } from '../answer.ts'

const Given = z.object({
  clientId: z.string().trim().max(200),
  clientSecret: z.string().trim().max(200),
  code: z.string().trim().max(100).optional(),
  save: z.boolean().default(false),
})

/** With this exit code the supervisor starts the web process again, in real mode. */
const GO_REAL = 64

async function visitor(code: string | null) {
  const listener = await currentListener()
  const host = (await headers()).get('host') ?? ''
  const bound = settings().HOST
  // An instance bound to loopback is reached from this machine only; the Host header alone would prove nothing.
  const loopback = (bound === '127.0.0.1' || bound === '::1') && /^(127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host)
  return { loopback, admin: listener?.isAdmin ? { id: listener.id } : null, code }
}

export async function GET(request: Request) {
  return answer(async () => {
    const asked = await visitor(new URL(request.url).searchParams.get('code'))
    const needsCode = !asked.loopback && !asked.admin
    if (!needsCode || asked.code) await admitToSetup(asked)
    return setupState(needsCode)
  })
}

export async function POST(request: Request) {
  return answer(async () => {
    const given = await bodyOf(request, Given)
    await admitToSetup(await visitor(given.code ?? null))
    const checked = await setUp(given)
    // The answer goes out first.
    if (checked.saved) setTimeout(() => process.exit(GO_REAL), 500)
    return checked
  })
}
