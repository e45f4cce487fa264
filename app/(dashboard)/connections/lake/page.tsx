import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { getLake } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { lakeStatus } from '#lib/lake/connection.ts'
import { Lake } from './lake.tsx'

export const metadata = { title: 'Data lake' }

export default async function LakePage() {
  const listener = await requireListener()
  return (
    <Prefetched responses={[prefetch(getLake, () => lakeStatus(listener))]}>
      <Lake />
    </Prefetched>
  )
}
