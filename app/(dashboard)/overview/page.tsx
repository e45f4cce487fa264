import { requireListener } from '#lib/auth/auth.ts'
import { faceOf } from '#lib/query/query-chart.ts'
import { Overview } from './overview.tsx'

export const metadata = { title: 'Overview' }

export default async function OverviewPage() {
  await requireListener()
  return (
    <Overview
      faces={{
        figures: faceOf('figures'),
        'recent-plays': faceOf('recent-plays'),
        'top-tracks': faceOf('top-tracks'),
        'top-artists': faceOf('top-artists'),
      }}
    />
  )
}
