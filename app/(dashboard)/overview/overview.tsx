'use client'

import { useState } from 'react'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { isActive, useMe } from '#app/_ui/me.tsx'
import { Columns } from '#app/_ui/panel.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { CHARTS, QUERY } from './charts.ts'
import { RunPanel } from './run-panel.tsx'

/** True while the listener's first data is being fetched with the page open. */
function useFirstRun(): boolean {
  const { dataAsOf, lastRun } = useMe()
  const [openedWithoutData] = useState(dataAsOf === null)
  return openedWithoutData && isActive(lastRun?.state)
}

export function Overview() {
  const charts = useCharts(CHARTS, QUERY)
  const isFirstRun = useFirstRun()
  return (
    <>
      <PageHeader title="Overview" />
      {isFirstRun && <RunPanel isFirst />}
      <ChartPanel chart="figures" query={charts} />
      <Columns>
        <ChartPanel
          chart="top-tracks"
          query={charts}
          limit={5}
          detail={{ href: '/top/tracks', label: 'All top songs' }}
        />
        <ChartPanel
          chart="top-artists"
          query={charts}
          limit={5}
          detail={{ href: '/top/artists', label: 'All top artists' }}
        />
        <ChartPanel chart="recent-plays" query={charts} limit={8} />
        {!isFirstRun && <RunPanel />}
      </Columns>
    </>
  )
}
