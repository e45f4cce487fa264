import { listParams } from '#app/_ui/list-params.ts'
import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import type { ChartsResponse } from '#lib/api/charts.ts'
import { getCharts } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { isExplained } from '#lib/core/errors.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { CHARTS, EDITIONS, paramsOf, selectionOf } from './charts.ts'
import { GlobalCharts } from './global-charts.tsx'

export const metadata = { title: 'Charts' }

export default async function ChartsPage({ searchParams }: { searchParams: SearchParams }) {
  const { id } = await requireListener()
  const editions = await editionsOf(id)
  const requested = { chart: await searchParam(searchParams, 'chart'), day: await searchParam(searchParams, 'day') }
  const selection = selectionOf((editions?.charts[0]?.rows ?? []) as never, requested)
  const params = paramsOf(selection, await searchParam(searchParams, 'lines'), await listParams(searchParams))
  const sent = Object.fromEntries(Object.entries(params).flatMap(([name, value]) => (value ? [[name, value]] : [])))
  return (
    <Prefetched
      responses={[
        ...(editions ? [prefetch(getCharts, async () => editions, { query: { names: EDITIONS.join(',') } })] : []),
        ...(selection.chart
          ? [
              prefetch(getCharts, () => queryCharts(id, CHARTS, { params: sent }), {
                query: { names: CHARTS.join(','), ...sent },
              }),
            ]
          : []),
      ]}
    >
      <GlobalCharts />
    </Prefetched>
  )
}

/** Null if they can't be queried now, which the panel explains. */
async function editionsOf(userId: string): Promise<ChartsResponse | null> {
  return queryCharts(userId, EDITIONS).catch((error) => {
    if (isExplained(error)) return null
    throw error
  })
}
