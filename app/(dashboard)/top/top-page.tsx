import { listParams } from '#app/_ui/list-params.ts'
import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { pagePeriod } from '#app/_ui/range/page-period.ts'
import { PeriodProvider } from '#app/_ui/range/period-context.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import { getCharts } from '#lib/api/client.ts'
import { type Listener, requireListener } from '#lib/auth/auth.ts'
import { firstDayFor } from '#lib/query/listener-data.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { TIME_RANGES } from '#lib/streams/time-ranges.ts'
import { isRanked, type List, OWN_CHARTS, RANK_LINES, type Ranked, rankingCharts } from './charts.ts'
import { OwnList } from './own-list.tsx'
import { TopList } from './top-list.tsx'

/** Shared by the top pages: own plays of any period, or Spotify's ranking. */
export async function TopPage({ what, searchParams }: { what: List; searchParams: SearchParams }) {
  const listener = await requireListener()
  const range = await searchParam(searchParams, 'range')
  // Links of an earlier version have a range only.
  const isSpotify = (await searchParam(searchParams, 'by')) === 'spotify' || range !== undefined
  if (isSpotify && isRanked(what)) return <SpotifyPage what={what} listener={listener} requested={range ?? ''} />
  return <OwnPage what={what} listener={listener} searchParams={searchParams} />
}

async function SpotifyPage({ what, listener, requested }: { what: Ranked; listener: Listener; requested: string }) {
  const range = Object.hasOwn(TIME_RANGES, requested) ? requested : 'short'
  const names = rankingCharts(what)
  const load = () => queryCharts(listener.id, names, { params: { range } })
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

async function OwnPage({
  what,
  listener,
  searchParams,
}: {
  what: List
  listener: Listener
  searchParams: SearchParams
}) {
  const { range, query } = await pagePeriod(searchParams, listener, await firstDayFor(listener.id))
  const params: Record<string, string> = {}
  for (const [name, value] of Object.entries(query)) if (value !== undefined) params[name] = value
  Object.assign(params, await listParams(searchParams), { what })
  const names = [OWN_CHARTS[what], RANK_LINES]
  return (
    <Prefetched
      responses={[
        prefetch(getCharts, () => queryCharts(listener.id, names, { params }), {
          query: { names: names.join(','), ...params },
        }),
      ]}
    >
      <PeriodProvider range={range}>
        <OwnList what={what} />
      </PeriodProvider>
    </Prefetched>
  )
}
