import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { connections } from '#lib/accounts/status.ts'
import { getConnections } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { Connections } from './connections.tsx'

export const metadata = { title: 'Connections' }

export default async function ConnectionsPage() {
  const listener = await requireListener()
  return (
    <Prefetched responses={[prefetch(getConnections, () => connections(listener))]}>
      <Connections />
    </Prefetched>
  )
}
