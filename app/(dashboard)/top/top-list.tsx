'use client'

import Link from 'next/link'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import tabClasses from '#app/_ui/link-tabs.module.css'
import { LinkTabs } from '#app/_ui/link-tabs.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import classes from './top-list.module.css'

const PANEL = 'top-list'

const LIST_LABELS = { tracks: 'Songs', artists: 'Artists' } as const

interface Props {
  what: 'tracks' | 'artists'
  range: string
  ranges: { value: string; label: string; meaning: string }[]
}

/** Ranks over time and the full list, for one of Spotify's three ranges. */
export function TopList({ what, range, ranges }: Props) {
  const answer = useCharts([`top-${what}`, `top-${what}-ranks`], { range })
  const title = `Top ${LIST_LABELS[what].toLowerCase()}`
  const current = ranges.find(({ value }) => value === range)
  return (
    <>
      <PageHeader title={title}>
        <nav className={tabClasses.tabs} aria-label="Lists">
          {(['tracks', 'artists'] as const).map((other) => (
            <Link
              key={other}
              href={`/top/${other}?range=${range}`}
              className={tabClasses.tab}
              aria-current={other === what ? 'page' : undefined}
            >
              {LIST_LABELS[other]}
            </Link>
          ))}
        </nav>
        <LinkTabs
          label="Range"
          tabs={ranges.map(({ value, label }) => ({ label, href: `/top/${what}?range=${value}` }))}
          current={current?.label ?? ''}
          panel={PANEL}
        />
      </PageHeader>
      <div id={PANEL} role="tabpanel" aria-label={`${title}, ${current?.label}`} className={classes.panel}>
        <p className={classes.meaning}>{current?.meaning} Spotify gives no play counts.</p>
        <ChartPanel chart={`top-${what}-ranks`} answer={answer} />
        <ChartPanel chart={`top-${what}`} answer={answer} />
      </div>
    </>
  )
}
