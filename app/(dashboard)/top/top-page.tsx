import { type SearchParams, searchParam } from '#app/search-params.ts'
import { RANGES, RangeParams } from '#lib/charts/top-list.ts'
import { chartMetadata } from '#lib/query/query-chart.ts'
import { TopList } from './top-list.tsx'

/** What both top pages share: the range from the address, Spotify's words for it, the faces of the two charts. */
export async function TopPage({ what, searchParams }: { what: 'tracks' | 'artists'; searchParams: SearchParams }) {
  const range = RangeParams.shape.range.catch('short').parse(await searchParam(searchParams, 'range'))
  return (
    <TopList
      what={what}
      range={range}
      ranges={Object.entries(RANGES).map(([value, { label, meaning }]) => ({ value, label, meaning }))}
      listFace={chartMetadata(`top-${what}`)}
      linesFace={chartMetadata(`top-${what}-ranks`)}
    />
  )
}
