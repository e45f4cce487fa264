import { requireListener } from '#lib/auth/auth.ts'
import { chartMetadata } from '#lib/query/query-chart.ts'
import { Overview } from './overview.tsx'

export const metadata = { title: 'Overview' }

export default async function OverviewPage() {
  await requireListener()
  return (
    <Overview
      faces={{
        figures: chartMetadata('figures'),
        'recent-plays': chartMetadata('recent-plays'),
        'top-tracks': chartMetadata('top-tracks'),
        'top-artists': chartMetadata('top-artists'),
      }}
    />
  )
}
