import { listParams } from '#app/_ui/list-params.ts'
import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { pagePeriod } from '#app/_ui/range/page-period.ts'
import { PeriodProvider } from '#app/_ui/range/period-context.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import { exclusionsOf } from '#lib/accounts/exclusions.ts'
import { getCharts, getExclusions } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { firstDayFor } from '#lib/query/listener-data.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { DEFAULTS, EXCLUDED } from './defaults.ts'
import { History } from './history.tsx'

export const metadata = { title: 'History' }

export default async function HistoryPage({ searchParams }: { searchParams: SearchParams }) {
  const listener = await requireListener()
  const { range, query } = await pagePeriod(searchParams, listener, await firstDayFor(listener.id), DEFAULTS)
  // In the order of the browser's request, which finds the response by its address.
  const params: Record<string, string> = {}
  for (const [name, value] of Object.entries(query)) if (value !== undefined) params[name] = value
  Object.assign(params, await listParams(searchParams))
  if ((await searchParam(searchParams, 'show')) === EXCLUDED) params.show = EXCLUDED
  const load = () => queryCharts(listener.id, ['history'], { params })
  return (
    <Prefetched
      responses={[
        prefetch(getCharts, load, { query: { names: 'history', ...params } }),
        prefetch(getExclusions, () => exclusionsOf(listener)),
      ]}
    >
      <PeriodProvider range={range}>
        <History />
      </PeriodProvider>
    </Prefetched>
  )
}
