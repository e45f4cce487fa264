'use client'

import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { CountingNote } from '#app/_ui/counting/counting-note.tsx'
import { nameOf } from '#app/_ui/draw/cells.ts'
import { Columns } from '#app/_ui/panel.tsx'
import { Placeholder, TilesPlaceholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { CoverageNote } from '#app/_ui/range/coverage-note.tsx'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import { RangeControl } from '#app/_ui/range/range-control.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import type { ChartsResponse, Listening, Track } from '#lib/api/client.ts'
import type { EntityKind } from '#lib/charts/chart.ts'
import { ListeningFigures, NoPlaysPanel, RankPanel } from './listening-panels.tsx'
import { PagedPanel } from './paged-panel.tsx'
import { PlaylistsPanel } from './playlists-panel.tsx'

const HERO_HEIGHT = 160
const FIGURES_HEIGHT = 122

/** What songs, artists and albums have in common. */
interface Described {
  id: string
  name: string | null
  listening: Listening
  playlists: Track['playlists']
}

interface Props<Found extends Described> {
  kind: EntityKind
  query: UseQueryResult<Found>
  charts: UseQueryResult<ChartsResponse>
  /** The parameters of the charts. */
  params: Record<string, string | undefined>
  hero: (found: Found) => ReactNode
  /** Panels of this kind of page. */
  lists?: ReactNode
  /** Panels of this kind of page, beside those about its rank. */
  aside?: (found: Found) => ReactNode
  /** Whether Spotify ranks it. */
  isRanked: boolean
}

const isInCharts = (data: ChartsResponse | undefined) =>
  data?.charts.some(({ chart, rows }) => chart === 'song-charts' && rows.length > 0)

/** The page of a song, artist or album, in its four states. */
export function MusicView<Found extends Described>({
  kind,
  query,
  charts,
  params,
  hero,
  lists,
  aside,
  isRanked,
}: Props<Found>) {
  const { data: found } = query
  const { period, compared } = usePeriod()
  return (
    <>
      <PageHeader title={found ? nameOf(found) : ''}>
        <RangeControl />
      </PageHeader>
      <CountingNote />
      <CoverageNote range={period} compared={compared} saysSince />
      {found ? (
        <>
          {hero(found)}
          {found.listening.plays > 0 ? (
            <>
              <ListeningFigures kind={kind} id={found.id} listening={found.listening} />
              <ChartPanel chart="minutes-per-day" query={charts} />
            </>
          ) : (
            <NoPlaysPanel listening={found.listening} />
          )}
          {lists}
          <Columns>
            <RankPanel kind={kind} id={found.id} listening={found.listening} />
            {found.listening.plays > 0 && <ChartPanel chart="hours" query={charts} measure="plays" />}
            {isRanked && <ChartPanel chart="spotify-ranks" query={charts} />}
            {isInCharts(charts.data) && <ChartPanel chart="song-charts" query={charts} />}
            <PlaylistsPanel playlists={found.playlists} />
            {aside?.(found)}
          </Columns>
          {found.listening.plays > 0 && (
            <div id="plays">
              <PagedPanel chart="history" query={charts} params={params} />
            </div>
          )}
        </>
      ) : query.isPending ? (
        <>
          <Placeholder height={HERO_HEIGHT} />
          <TilesPlaceholder tiles={4} height={FIGURES_HEIGHT} />
        </>
      ) : (
        <ProblemPanel problem={asProblem(query.error)} onRetry={() => query.refetch()} />
      )}
    </>
  )
}
