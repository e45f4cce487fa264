import { notFound } from 'next/navigation'
import { listParams } from '#app/_ui/list-params.ts'
import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import type { ChartsResponse } from '#lib/api/charts.ts'
import { getCharts } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { Refused } from '#lib/core/errors.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { CHANGES, ITEMS, PLAYLISTS } from '../charts.ts'
import { Playlist } from './playlist.tsx'

export const metadata = { title: 'Playlist' }

interface Props {
  params: Promise<{ id: string }>
  searchParams: SearchParams
}

export default async function PlaylistPage({ params, searchParams }: Props) {
  const listener = await requireListener()
  const playlist = decodeURIComponent((await params).id)
  const found = await playlistOf(listener.id, playlist)
  if (found === 'unknown') return notFound()
  const view = (await searchParam(searchParams, 'view')) === 'changes' ? 'changes' : 'list'
  const { cursor, ...rest } = await listParams(searchParams)
  const query: Record<string, string> = {
    playlist,
    ...(view === 'changes' ? {} : rest),
    ...(cursor ? { cursor } : {}),
  }
  const names = view === 'changes' ? CHANGES : ITEMS
  return (
    <Prefetched
      responses={[
        ...(found ? [prefetch(getCharts, async () => found, { query: { names: PLAYLISTS.join(','), playlist } })] : []),
        prefetch(getCharts, () => queryCharts(listener.id, names, { params: query }), {
          query: { names: names.join(','), ...query },
        }),
      ]}
    >
      <Playlist id={playlist} view={view} />
    </Prefetched>
  )
}

/** The playlist; null if it can't be queried now, which the panel explains. */
async function playlistOf(userId: string, playlist: string): Promise<ChartsResponse | 'unknown' | null> {
  try {
    const found = await queryCharts(userId, PLAYLISTS, { params: { playlist } })
    return found.charts[0]?.rows.length === 0 ? 'unknown' : found
  } catch (error) {
    return error instanceof Refused && error.status === 400 ? 'unknown' : null
  }
}
