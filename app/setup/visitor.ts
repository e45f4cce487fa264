import { headers } from 'next/headers'
import type { SetupVisitor } from '#lib/accounts/setup.ts'
import { currentListener } from '#lib/auth/auth.ts'
import { settings } from '#lib/core/config.ts'
import { isLoopback, onlyThisMachine } from '#lib/core/loopback.ts'

/** Who asks for the set-up, page or address. @param code typed by the visitor */
export async function setupVisitor(code: string | null): Promise<SetupVisitor> {
  const listener = await currentListener()
  const host = (await headers()).get('host') ?? ''
  // Anybody can send a Host header; it only keeps out pages of others whose name was pointed at this machine.
  const loopback = onlyThisMachine(settings()) && isLoopback(host.replace(/:\d+$/, ''))
  return { loopback, admin: listener?.isAdmin ? { id: listener.id } : null, code }
}
