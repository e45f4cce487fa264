'use client'

import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { LinkTabs } from '#app/_ui/link-tabs.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { type Ranked, rankingCharts } from './charts.ts'
import { TopTabs, titleOf } from './tabs.tsx'
import classes from './top-list.module.css'

interface Props {
  what: Ranked
  range: string
  ranges: { value: string; label: string; meaning: string }[]
}

/** Ranks over time and the full list, for one of Spotify's three ranges. */
export function TopList({ what, range, ranges }: Props) {
  const charts = useCharts(rankingCharts(what), { range })
  const current = ranges.find(({ value }) => value === range)
  return (
    <>
      <PageHeader title={titleOf(what)}>
        <LinkTabs
          label="Range"
          tabs={ranges.map(({ value, label }) => ({
            label,
            href: `/top/${what}?by=spotify&range=${value}`,
            isCurrent: value === range,
          }))}
        />
      </PageHeader>
      <TopTabs what={what} by="spotify" query={`range=${range}`} />
      <p className={classes.meaning}>{current?.meaning} Spotify gives no play counts.</p>
      <ChartPanel chart={`top-${what}-ranks`} query={charts} />
      <ChartPanel chart={`top-${what}`} query={charts} />
    </>
  )
}
