'use client'

import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { ListPages, useListParams } from '#app/_ui/list-controls.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { CHANGES, type Tab } from './charts.ts'
import { LibraryTabs } from './library-tabs.tsx'

/** What was added to the library and removed from it, and when. */
export function LibraryChanges({ tab }: { tab: Tab }) {
  const { cursor } = useListParams()
  const charts = useCharts(CHANGES[tab], { kind: tab, cursor })
  return (
    <>
      <PageHeader title="Library" />
      <LibraryTabs tab={tab} view="changes" data={charts.data} />
      {tab !== 'artists' && <ChartPanel chart="library-months" query={charts} />}
      <ChartPanel chart="library-changes" query={charts} />
      <ListPages list={charts.data?.charts.find(({ chart }) => chart === 'library-changes')} />
    </>
  )
}
