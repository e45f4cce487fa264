import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import { getCharts } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { TIME_RANGES } from '#lib/streams/time-ranges.ts'
import { chartsOf } from './charts.ts'
import { TopList } from './top-list.tsx'

/** Shared by both top pages: reads the range from the address. */
export async function TopPage({ what, searchParams }: { what: 'tracks' | 'artists'; searchParams: SearchParams }) {
  const { id } = await requireListener()
  const requested = (await searchParam(searchParams, 'range')) ?? ''
  const range = Object.hasOwn(TIME_RANGES, requested) ? requested : 'short'
  const names = chartsOf(what)
  const load = () => queryCharts(id, names, { params: { range } })
  return (
    <Prefetched responses={[prefetch(getCharts, load, { query: { names: names.join(','), range } })]}>
      <TopList
        what={what}
        range={range}
        ranges={Object.entries(TIME_RANGES).map(([value, { title, meaning }]) => ({ value, label: title, meaning }))}
      />
    </Prefetched>
  )
}
