'use client'

import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { ListControls, ListPages, useListParams } from '#app/_ui/list-controls.tsx'
import { NothingPlayed } from '#app/_ui/range/nothing-played.tsx'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import { RangeControl } from '#app/_ui/range/range-control.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'

/** Every play of a period by day, with search. */
export function History() {
  const { query } = usePeriod()
  const charts = useCharts(['history'], { ...query, ...useListParams() })
  return (
    <>
      <PageHeader title="History">
        <RangeControl compares={false} />
      </PageHeader>
      <ListControls />
      <ChartPanel chart="history" query={charts} empty={<NothingPlayed />} />
      <ListPages list={charts.data?.charts[0]} />
    </>
  )
}
