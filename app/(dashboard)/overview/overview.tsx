'use client'

import { useState } from 'react'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { isActive, useMe } from '#app/_ui/me.tsx'
import { Columns } from '#app/_ui/panel.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { RunPanel } from './run-panel.tsx'

const CHARTS = ['figures', 'recent-plays', 'top-tracks', 'top-artists'] as const

/** True while the listener's first data is being fetched with the page open. */
function useFirstRun(): boolean {
  const { dataAsOf, lastRun } = useMe()
  const [openedWithoutData] = useState(dataAsOf === null)
  return openedWithoutData && isActive(lastRun?.state)
}

export function Overview() {
  const answer = useCharts(CHARTS, { range: 'short' })
  const isFirstRun = useFirstRun()
  return (
    <>
      <PageHeader title="Overview" />
      {isFirstRun && <RunPanel isFirst />}
      <ChartPanel chart="figures" answer={answer} />
      <Columns>
        <ChartPanel
          chart="top-tracks"
          answer={answer}
          limit={5}
          detail={{ href: '/top/tracks', label: 'All top songs' }}
        />
        <ChartPanel
          chart="top-artists"
          answer={answer}
          limit={5}
          detail={{ href: '/top/artists', label: 'All top artists' }}
        />
        <ChartPanel chart="recent-plays" answer={answer} limit={8} />
        {!isFirstRun && <RunPanel />}
      </Columns>
    </>
  )
}
