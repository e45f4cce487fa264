'use client'

import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { ListPages, useListParams } from '#app/_ui/list-controls.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { CHANGES } from './charts.ts'
import { ViewTabs } from './view-tabs.tsx'

/** What changed in all playlists, and which playlists came and went. */
export function PlaylistsChanges() {
  const { cursor } = useListParams()
  const charts = useCharts(CHANGES, { cursor })
  return (
    <>
      <PageHeader title="Playlists">
        <ViewTabs page="/playlists" view="changes" list="Playlists" />
      </PageHeader>
      <ChartPanel chart="playlist-changes" query={charts} />
      <ListPages list={charts.data?.charts[0]} />
    </>
  )
}
