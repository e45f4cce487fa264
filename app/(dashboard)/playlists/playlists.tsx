'use client'

import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { ListControls, ListPages, useListParams } from '#app/_ui/list-controls.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { PLAYLISTS } from './charts.ts'
import { ViewTabs } from './view-tabs.tsx'

const PAGE_SIZE = 100

const SORTS = [
  { value: 'library', label: 'As on Spotify' },
  { value: 'changed', label: 'Last changed' },
  { value: 'plays', label: 'Most plays' },
  { value: 'items', label: 'Most songs' },
  { value: 'name', label: 'Name' },
]

/** The listener's own and followed playlists. */
export function Playlists() {
  const charts = useCharts(PLAYLISTS, useListParams())
  const list = charts.data?.charts[0]
  return (
    <>
      <PageHeader title="Playlists">
        <ViewTabs page="/playlists" view="list" list="Playlists" />
      </PageHeader>
      <ListControls sorts={SORTS} />
      <ChartPanel chart="playlists" query={charts} limit={PAGE_SIZE} />
      <ListPages list={list} found={list?.rows[0]?.found as number | undefined} />
    </>
  )
}
