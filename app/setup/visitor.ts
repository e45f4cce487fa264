import { headers } from 'next/headers'
import { currentListener } from '../../lib/auth.ts'
import { settings } from '../../lib/config.ts'
import type { SetupVisitor } from '../../lib/listener/setup.ts'

/** Who asks for the set-up, page or address. @param code typed by the visitor */
export async function setupVisitor(code: string | null): Promise<SetupVisitor> {
  const listener = await currentListener()
  const host = (await headers()).get('host') ?? ''
  const bound = settings().HOST
  // An instance bound to loopback is reached from this machine only; the Host header alone would prove nothing.
  const loopback = (bound === '127.0.0.1' || bound === '::1') && /^(127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host)
  return { loopback, admin: listener?.isAdmin ? { id: listener.id } : null, code }
}
