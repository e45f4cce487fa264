import { type SearchParams, searchParam } from '#app/search-params.ts'
import { TIME_RANGES } from '#lib/streams/time-ranges.ts'
import { TopList } from './top-list.tsx'

/** What both top pages share: the range from the address, and Spotify's words for it. */
export async function TopPage({ what, searchParams }: { what: 'tracks' | 'artists'; searchParams: SearchParams }) {
  const requested = (await searchParam(searchParams, 'range')) ?? ''
  const range = Object.hasOwn(TIME_RANGES, requested) ? requested : 'short'
  return (
    <TopList
      what={what}
      range={range}
      ranges={Object.entries(TIME_RANGES).map(([value, { title, meaning }]) => ({ value, label: title, meaning }))}
    />
  )
}
