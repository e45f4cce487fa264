import { requireListener } from '../../../../lib/auth.ts'
import { RunDetail } from './run-detail.tsx'

export const metadata = { title: 'Run' }

export default async function RunPage({ params }: { params: Promise<{ id: string }> }) {
  await requireListener()
  return <RunDetail id={(await params).id} />
}
