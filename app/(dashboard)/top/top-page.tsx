import { listParams } from '#app/_ui/list-params.ts'
import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { pagePeriod } from '#app/_ui/range/page-period.ts'
import { PeriodProvider } from '#app/_ui/range/period-context.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import { getCharts, getGenres } from '#lib/api/client.ts'
import { type Listener, requireListener } from '#lib/auth/auth.ts'
import { genresOf } from '#lib/query/genres.ts'
import { firstDayFor } from '#lib/query/listener-data.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { TIME_RANGES } from '#lib/streams/time-ranges.ts'
import { isRanked, type List, ownCharts, type Ranked, rankingCharts } from './charts.ts'
import { OwnList } from './own-list.tsx'
import { TopList } from './top-list.tsx'

/** What the panel of the genres page requests first. */
const FIRST_GENRES = { search: '', show: 'missing', limit: 20 } as const

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
  const genre = what === 'artists' ? (await searchParam(searchParams, 'genre')) || undefined : undefined
  Object.assign(params, await listParams(searchParams), { what }, genre ? { genre } : {})
  const names = ownCharts(what, genre)
  return (
    <Prefetched
      responses={[
        prefetch(getCharts, () => queryCharts(listener.id, names, { params }), {
          query: { names: names.join(','), ...params },
        }),
        ...(what === 'genres'
          ? [
              prefetch(getGenres, () => genresOf(listener.id, FIRST_GENRES), {
                query: { show: FIRST_GENRES.show, limit: FIRST_GENRES.limit },
              }),
            ]
          : []),
      ]}
    >
      <PeriodProvider range={range}>
        <OwnList what={what} genre={genre} />
      </PeriodProvider>
    </Prefetched>
  )
}
