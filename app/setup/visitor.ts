import { headers } from 'next/headers'
import type { SetupVisitor } from '#lib/accounts/setup.ts'
import { currentListener } from '#lib/auth/auth.ts'
import { settings } from '#lib/core/config.ts'
import { isLocalOnly, isLoopback } from '#lib/core/loopback.ts'

/** Who is requesting the setup page or API. @param code typed by the visitor */
export async function setupVisitor(code: string | null): Promise<SetupVisitor> {
  const listener = await currentListener()
  const host = (await headers()).get('host') ?? ''
  // Anyone can send a Host header. This only keeps out foreign pages whose name resolves to this machine.
  const loopback = isLocalOnly(settings()) && isLoopback(host.replace(/:\d+$/, ''))
  return { loopback, admin: listener?.isAdmin ? { id: listener.id } : null, code }
}
