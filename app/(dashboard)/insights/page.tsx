import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { pagePeriod } from '#app/_ui/range/page-period.ts'
import { PeriodProvider } from '#app/_ui/range/period-context.tsx'
import type { SearchParams } from '#app/search-params.ts'
import { getCharts } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { firstDayFor } from '#lib/query/listener-data.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { COURSE, DEFAULTS, GENRES, ORDER, RHYTHM } from './charts.ts'
import { Insights } from './insights.tsx'

export const metadata = { title: 'Insights' }

export default async function InsightsPage({ searchParams }: { searchParams: SearchParams }) {
  const listener = await requireListener()
  const { range, query } = await pagePeriod(searchParams, listener, await firstDayFor(listener.id), DEFAULTS)
  const load = (names: readonly string[], params: Record<string, string | undefined>) => {
    const present = Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined)
    return prefetch(getCharts, () => queryCharts(listener.id, names, { params: Object.fromEntries(present) }), {
      query: { names: names.join(','), ...params },
    })
  }
  return (
    <Prefetched responses={[load(RHYTHM, query), load(COURSE, { ...ORDER, ...query }), load(GENRES, query)]}>
      <PeriodProvider range={range}>
        <Insights />
      </PeriodProvider>
    </Prefetched>
  )
}
