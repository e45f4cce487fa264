import { listParams } from '#app/_ui/list-params.ts'
import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import { getCharts } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { CHANGES, FIGURES, isTab, LISTS } from './charts.ts'
import { Library } from './library.tsx'
import { LibraryChanges } from './library-changes.tsx'

export const metadata = { title: 'Library' }

export default async function LibraryPage({ searchParams }: { searchParams: SearchParams }) {
  const { id } = await requireListener()
  const requested = await searchParam(searchParams, 'tab')
  const tab = isTab(requested) ? requested : 'songs'
  const isChanges = (await searchParam(searchParams, 'view')) === 'changes'
  const list = await listParams(searchParams)
  const fetched = (names: readonly string[], params: Record<string, string>) =>
    prefetch(getCharts, () => queryCharts(id, names, { params }), { query: { names: names.join(','), ...params } })
  if (isChanges) {
    const { cursor } = list
    return (
      <Prefetched responses={[fetched(CHANGES[tab], { kind: tab, ...(cursor ? { cursor } : {}) })]}>
        <LibraryChanges tab={tab} />
      </Prefetched>
    )
  }
  return (
    <Prefetched responses={[fetched([LISTS[tab]], list), fetched(FIGURES, {})]}>
      <Library key={tab} tab={tab} />
    </Prefetched>
  )
}
