import { headers } from 'next/headers'
import type { SetupVisitor } from '#lib/accounts/setup.ts'
import { currentListener } from '#lib/auth/auth.ts'
import { settings } from '#lib/core/config.ts'
import { isLocalOnly, isLoopback } from '#lib/core/loopback.ts'
import { requestGate } from '#lib/core/request-gate.ts'

/** Who is requesting the setup page or API. @param code typed by the visitor */
export async function setupVisitor(code: string | null): Promise<SetupVisitor> {
  const listener = await currentListener()
  const host = (await headers()).get('host') ?? ''
  // Anyone can forge a Host header. Checking it only keeps out other sites whose name resolves to this machine.
  const loopback = isLocalOnly(settings()) && isLoopback(host.replace(/:\d+$/, '')) && isFromThisMachine()
  return { loopback, admin: listener?.isAdmin ? { id: listener.id } : null, code }
}

/**
 * Whether the connection comes from this machine and shows no trace of a proxy. A proxy that leaves none looks like a
 * browser, which is why APP_URL must be set behind a proxy.
 */
function isFromThisMachine(): boolean {
  const visitor = requestGate()?.visitor()
  return visitor !== undefined && isLoopback(visitor.address) && !visitor.isForwarded
}
