import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { getCharts } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { CHARTS, QUERY } from './charts.ts'
import { Overview } from './overview.tsx'

export const metadata = { title: 'Overview' }

export default async function OverviewPage() {
  const { id } = await requireListener()
  const { limit, ...params } = QUERY
  const load = () => queryCharts(id, CHARTS, { limit: Number(limit), params })
  return (
    <Prefetched responses={[prefetch(getCharts, load, { query: { names: CHARTS.join(','), ...QUERY } })]}>
      <Overview />
    </Prefetched>
  )
}
