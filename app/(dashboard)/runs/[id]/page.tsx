import { notFound } from 'next/navigation'
import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { getRunProgress } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { findRun, runProgress } from '#lib/runs/run-responses.ts'
import { RunDetail } from './run-detail.tsx'

export const metadata = { title: 'Sync' }

export default async function RunPage({ params }: { params: Promise<{ id: string }> }) {
  const listener = await requireListener()
  const { id } = await params
  const run = await findRun(listener, id)
  if (!run) return notFound()
  return (
    <Prefetched responses={[prefetch(getRunProgress, () => runProgress(listener, id), { params: { id } })]}>
      <RunDetail initial={run} />
    </Prefetched>
  )
}
