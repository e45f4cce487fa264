'use client'

import { useState } from 'react'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { PageTop } from '#app/_ui/frame/page-top.tsx'
import { isActive, useMe } from '#app/_ui/me.tsx'
import { Columns } from '#app/_ui/panel.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { RunPanel } from './run-panel.tsx'

const CHARTS = ['figures', 'recent-plays', 'top-tracks', 'top-artists'] as const

/** Whether the first data of this listener is being fetched while the page is open. */
function useFirstRun(): boolean {
  const { dataAsOf, lastRun } = useMe()
  const [cameWithoutData] = useState(dataAsOf === null)
  return cameWithoutData && isActive(lastRun?.state)
}

export function Overview() {
  const answer = useCharts(CHARTS, { range: 'short' })
  const isFirstRun = useFirstRun()
  return (
    <>
      <PageTop title="Overview" />
      {isFirstRun && <RunPanel isFirst />}
      <ChartPanel chart="figures" answer={answer} />
      <Columns>
        <ChartPanel
          chart="top-tracks"
          answer={answer}
          limit={5}
          detail={{ href: '/top/tracks', word: 'All top tracks' }}
        />
        <ChartPanel
          chart="top-artists"
          answer={answer}
          limit={5}
          detail={{ href: '/top/artists', word: 'All top artists' }}
        />
        <ChartPanel chart="recent-plays" answer={answer} limit={8} />
        {!isFirstRun && <RunPanel />}
      </Columns>
    </>
  )
}
