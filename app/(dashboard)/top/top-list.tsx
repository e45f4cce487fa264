'use client'

import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { LinkTabs } from '#app/_ui/link-tabs.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { chartsOf } from './charts.ts'
import classes from './top-list.module.css'

const LIST_LABELS = { tracks: 'Songs', artists: 'Artists' } as const

interface Props {
  what: 'tracks' | 'artists'
  range: string
  ranges: { value: string; label: string; meaning: string }[]
}

/** Ranks over time and the full list, for one of Spotify's three ranges. */
export function TopList({ what, range, ranges }: Props) {
  const charts = useCharts(chartsOf(what), { range })
  const current = ranges.find(({ value }) => value === range)
  return (
    <>
      <PageHeader title={`Top ${LIST_LABELS[what].toLowerCase()}`}>
        <LinkTabs
          label="Lists"
          tabs={(['tracks', 'artists'] as const).map((list) => ({
            label: LIST_LABELS[list],
            href: `/top/${list}?range=${range}`,
            isCurrent: list === what,
          }))}
        />
        <LinkTabs
          label="Range"
          tabs={ranges.map(({ value, label }) => ({
            label,
            href: `/top/${what}?range=${value}`,
            isCurrent: value === range,
          }))}
        />
      </PageHeader>
      <p className={classes.meaning}>{current?.meaning} Spotify gives no play counts.</p>
      <ChartPanel chart={`top-${what}-ranks`} query={charts} />
      <ChartPanel chart={`top-${what}`} query={charts} />
    </>
  )
}
