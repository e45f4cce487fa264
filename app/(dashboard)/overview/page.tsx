import { requireListener } from '#lib/auth/auth.ts'
import { Overview } from './overview.tsx'

export const metadata = { title: 'Overview' }

export default async function OverviewPage() {
  await requireListener()
  return <Overview />
}
