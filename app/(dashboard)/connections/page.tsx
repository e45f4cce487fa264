import { requireListener } from '#lib/auth/auth.ts'
import { Connections } from './connections.tsx'

export const metadata = { title: 'Connections' }

export default async function ConnectionsPage() {
  await requireListener()
  return <Connections />
}
