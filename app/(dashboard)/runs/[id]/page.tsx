import { notFound } from 'next/navigation'
import { requireListener } from '#lib/auth/auth.ts'
import { findRun } from '#lib/runs/run-responses.ts'
import { RunDetail } from './run-detail.tsx'

export const metadata = { title: 'Sync' }

export default async function RunPage({ params }: { params: Promise<{ id: string }> }) {
  const run = await findRun(await requireListener(), (await params).id)
  return run ? <RunDetail initial={run} /> : notFound()
}
