'use client'

import { useState } from 'react'
import { type ChartFace, ChartPanel } from '#app/_ui/chart-panel.tsx'
import { isActive, useMe } from '#app/_ui/me.tsx'
import { Columns } from '#app/_ui/panel.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { RunPanel } from './run-panel.tsx'

const CHARTS = ['figures', 'recent-plays', 'top-tracks', 'top-artists'] as const

type Faces = Record<(typeof CHARTS)[number], ChartFace>

/** True while the listener's first data is being fetched with the page open. */
function useFirstRun(): boolean {
  const { dataAsOf, lastRun } = useMe()
  const [openedWithoutData] = useState(dataAsOf === null)
  return openedWithoutData && isActive(lastRun?.state)
}

export function Overview({ faces }: { faces: Faces }) {
  const answer = useCharts([...CHARTS], { range: 'short' })
  const isFirstRun = useFirstRun()
  return (
    <>
      <PageHeader title="Overview" />
      {isFirstRun && <RunPanel isFirst />}
      <ChartPanel chart="figures" face={faces.figures} answer={answer} />
      <Columns>
        <ChartPanel
          chart="top-tracks"
          face={faces['top-tracks']}
          answer={answer}
          limit={5}
          detail={{ href: '/top/tracks', label: 'All top songs' }}
        />
        <ChartPanel
          chart="top-artists"
          face={faces['top-artists']}
          answer={answer}
          limit={5}
          detail={{ href: '/top/artists', label: 'All top artists' }}
        />
        <ChartPanel chart="recent-plays" face={faces['recent-plays']} answer={answer} limit={8} />
        {!isFirstRun && <RunPanel />}
      </Columns>
    </>
  )
}
