'use client'

import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { CountingNote } from '#app/_ui/counting/counting-note.tsx'
import { ListControls, ListPages, useListParams } from '#app/_ui/list-controls.tsx'
import { CoverageNote } from '#app/_ui/range/coverage-note.tsx'
import { NothingPlayed } from '#app/_ui/range/nothing-played.tsx'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import { RangeControl } from '#app/_ui/range/range-control.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { type List, OWN_CHARTS, RANK_LINES } from './charts.ts'
import { TopTabs, titleOf } from './tabs.tsx'

const SORTS = [
  { value: 'plays', label: 'Most plays' },
  { value: 'minutes', label: 'Most minutes' },
  { value: 'name', label: 'Name' },
  { value: 'first', label: 'First heard, newest first' },
]

/** Songs, artists or albums by the listener's own plays in a period. */
export function OwnList({ what }: { what: List }) {
  const { query, period, compared } = usePeriod()
  const chart = OWN_CHARTS[what]
  const charts = useCharts([chart, RANK_LINES], { ...query, ...useListParams(), what })
  const kept = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
  return (
    <>
      <PageHeader title={titleOf(what)}>
        <RangeControl />
      </PageHeader>
      <CoverageNote range={period} compared={compared} />
      <TopTabs what={what} by="plays" query={kept.toString()} />
      <CountingNote />
      <ChartPanel chart={RANK_LINES} title={`Top 10 ${titleOf(what).slice(4)} over time`} query={charts} />
      <ListControls sorts={SORTS} />
      <ChartPanel chart={chart} query={charts} empty={<NothingPlayed />} />
      <ListPages list={charts.data?.charts[0]} />
    </>
  )
}
