import { listParams } from '#app/_ui/list-params.ts'
import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import { getCharts } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { CHANGES, PLAYLISTS } from './charts.ts'
import { Playlists } from './playlists.tsx'
import { PlaylistsChanges } from './playlists-changes.tsx'

export const metadata = { title: 'Playlists' }

export default async function PlaylistsPage({ searchParams }: { searchParams: SearchParams }) {
  const { id } = await requireListener()
  const isChanges = (await searchParam(searchParams, 'view')) === 'changes'
  const { cursor, ...rest } = await listParams(searchParams)
  const params: Record<string, string> = { ...(isChanges ? {} : rest), ...(cursor ? { cursor } : {}) }
  const names = isChanges ? CHANGES : PLAYLISTS
  return (
    <Prefetched
      responses={[
        prefetch(getCharts, () => queryCharts(id, names, { params }), { query: { names: names.join(','), ...params } }),
      ]}
    >
      {isChanges ? <PlaylistsChanges /> : <Playlists />}
    </Prefetched>
  )
}
