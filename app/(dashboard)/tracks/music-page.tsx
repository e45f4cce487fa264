import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import type { ComponentType } from 'react'
import { inSentences } from '#app/_ui/format.ts'
import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { pagePeriod } from '#app/_ui/range/page-period.ts'
import { PeriodProvider } from '#app/_ui/range/period-context.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import type { SearchParams } from '#app/search-params.ts'
import { type ChartName, getCharts } from '#lib/api/client.ts'
import type { EndpointAddress } from '#lib/api/endpoint.ts'
import type { getAlbum, getArtist, getTrack } from '#lib/api/music.ts'
import type { PeriodQuery } from '#lib/api/period.ts'
import { requireListener } from '#lib/auth/auth.ts'
import type { EntityKind } from '#lib/charts/chart.ts'
import { type Failure, isExplained, Refused } from '#lib/core/errors.ts'
import { firstDayFor } from '#lib/query/listener-data.ts'
import { MUSIC_PERIOD } from '#lib/query/music.ts'
import { queryCharts } from '#lib/query/query-chart.ts'

/** Shared by the pages of a song, an artist and an album. */

export interface MusicPageProps {
  params: Promise<{ id: string }>
  searchParams: SearchParams
}

type MusicEndpoint = typeof getTrack | typeof getArtist | typeof getAlbum
type Found = { id: string; name: string | null }

interface MusicPage<E extends MusicEndpoint, Result extends Found> {
  folder: EntityKind
  /** The parameter of charts that are about one of them. */
  subject: 'track' | 'artist' | 'album'
  endpoint: EndpointAddress<E>
  find(userId: string, id: string, period: PeriodQuery): Promise<Result>
  charts: readonly ChartName[]
  View: ComponentType<{ id: string }>
}

/** Placeholders of a path arrive encoded. */
async function idOf({ params }: MusicPageProps): Promise<string> {
  const { id } = await params
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

/** The response, null for an unknown id, or why it can't be looked up, for example in a damaged warehouse. */
async function known<Result extends Found>(find: Promise<Result>): Promise<Result | Refused | Failure | null> {
  try {
    return await find
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null
    if (isExplained(error)) return error
    throw error
  }
}

const UNAVAILABLE = 'Not available'

export async function musicTitle<E extends MusicEndpoint, Result extends Found>(
  { find }: MusicPage<E, Result>,
  props: MusicPageProps,
): Promise<Metadata> {
  const { id: userId } = await requireListener()
  const found = await known(find(userId, await idOf(props), {}))
  if (isExplained(found)) return { title: UNAVAILABLE }
  return { title: found ? found.name || 'Untitled' : 'Not found' }
}

export async function musicPage<E extends MusicEndpoint, Result extends Found>(
  { folder, subject, endpoint, find, charts, View }: MusicPage<E, Result>,
  props: MusicPageProps,
) {
  const listener = await requireListener()
  const id = await idOf(props)
  const period = await pagePeriod(props.searchParams, listener, await firstDayFor(listener.id), MUSIC_PERIOD)
  const { range, query } = period
  const found = await known(find(listener.id, id, query as PeriodQuery))
  if (!found) notFound()
  if (isExplained(found))
    return (
      <>
        <PageHeader title={UNAVAILABLE} />
        <p role="alert">{inSentences(found.message, found.remedy)}</p>
      </>
    )
  if (found.id !== id) redirect(`/${folder}/${encodeURIComponent(found.id)}`)
  const params = { ...definedOnly(query), [subject]: id }
  return (
    <Prefetched
      responses={[
        prefetch<MusicEndpoint>(endpoint, async () => found as never, { params: { id }, query } as never),
        prefetch(getCharts, () => queryCharts(listener.id, charts, { params }), {
          query: { names: charts.join(','), ...query, [subject]: id },
        }),
      ]}
    >
      <PeriodProvider range={range}>
        <View id={id} />
      </PeriodProvider>
    </Prefetched>
  )
}

function definedOnly(query: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
