'use client'

import { useSearchParams } from 'next/navigation'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { CountingNote } from '#app/_ui/counting/counting-note.tsx'
import { ExclusionsProvider } from '#app/_ui/exclusions.tsx'
import { ListControls, ListPages, useListParams } from '#app/_ui/list-controls.tsx'
import { CoverageNote } from '#app/_ui/range/coverage-note.tsx'
import { NothingPlayed } from '#app/_ui/range/nothing-played.tsx'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import { RangeControl } from '#app/_ui/range/range-control.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { EXCLUDED } from './defaults.ts'
import { ExcludedControls } from './excluded-controls.tsx'

/** Every play of a period by day, with search. Each can be excluded from what counts. */
export function History() {
  const { query, period } = usePeriod()
  const show = useSearchParams().get('show') === EXCLUDED ? EXCLUDED : undefined
  const charts = useCharts(['history'], { ...query, ...useListParams(), show })
  return (
    <ExclusionsProvider>
      <PageHeader title="History">
        <RangeControl compares={false} />
      </PageHeader>
      <CountingNote />
      <CoverageNote range={period} />
      <ListControls>
        <ExcludedControls />
      </ListControls>
      <ChartPanel
        chart="history"
        query={charts}
        {...(show
          ? { title: 'Excluded plays', empty: 'No excluded plays in this period.' }
          : { empty: <NothingPlayed /> })}
      />
      <ListPages list={charts.data?.charts[0]} />
    </ExclusionsProvider>
  )
}
