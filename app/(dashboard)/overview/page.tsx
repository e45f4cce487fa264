import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { pagePeriod } from '#app/_ui/range/page-period.ts'
import { PeriodProvider } from '#app/_ui/range/period-context.tsx'
import type { SearchParams } from '#app/search-params.ts'
import { getCharts } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { addDays } from '#lib/core/period.ts'
import { firstDayFor } from '#lib/query/listener-data.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { LIST_LENGTH, LISTS, PERIOD_CHARTS, RANKING_QUERY, RANKINGS } from './charts.ts'
import { Overview } from './overview.tsx'

export const metadata = { title: 'Overview' }

/** With fewer days of plays, Spotify's rankings say more about a listener than their own counts. */
const FEW_DAYS = 7

export default async function OverviewPage({ searchParams }: { searchParams: SearchParams }) {
  const listener = await requireListener()
  const firstDay = await firstDayFor(listener.id)
  const { range, query } = await pagePeriod(searchParams, listener, firstDay)
  const params = definedOnly(query)
  const knowsLittle = firstDay === null || firstDay > addDays(range.calendar.today, -FEW_DAYS)
  const charts = (names: readonly string[], limit?: number) => () => queryCharts(listener.id, names, { params, limit })
  const { limit, ...ranking } = RANKING_QUERY
  return (
    <Prefetched
      responses={[
        prefetch(getCharts, charts(PERIOD_CHARTS), { query: { names: PERIOD_CHARTS.join(','), ...params } }),
        knowsLittle
          ? prefetch(getCharts, () => queryCharts(listener.id, RANKINGS, { params: ranking, limit: Number(limit) }), {
              query: { names: RANKINGS.join(','), ...RANKING_QUERY },
            })
          : prefetch(getCharts, charts(LISTS, LIST_LENGTH), {
              query: { names: LISTS.join(','), ...params, limit: String(LIST_LENGTH) },
            }),
      ]}
    >
      <PeriodProvider range={range}>
        <Overview knowsLittle={knowsLittle} />
      </PeriodProvider>
    </Prefetched>
  )
}

function definedOnly(query: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
