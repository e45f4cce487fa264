'use client'

import Link from 'next/link'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { PageTop } from '#app/_ui/frame/page-top.tsx'
import tabClasses from '#app/_ui/link-tabs.module.css'
import { LinkTabs } from '#app/_ui/link-tabs.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import classes from './top-list.module.css'

const PANEL = 'top-list'

interface Props {
  what: 'tracks' | 'artists'
  range: string
  ranges: { value: string; label: string; meaning: string }[]
}

/** Ranks over time of the leaders, and the whole list, of one of Spotify's three ranges. */
export function TopList({ what, range, ranges }: Props) {
  const answer = useCharts([`top-${what}`, `top-${what}-ranks`], { range })
  const current = ranges.find(({ value }) => value === range)
  return (
    <>
      <PageTop title={`Top ${what}`}>
        <nav className={tabClasses.tabs} aria-label="Lists">
          {(['tracks', 'artists'] as const).map((other) => (
            <Link
              key={other}
              href={`/top/${other}?range=${range}`}
              className={tabClasses.tab}
              aria-current={other === what ? 'page' : undefined}
            >
              {other === 'tracks' ? 'Tracks' : 'Artists'}
            </Link>
          ))}
        </nav>
        <LinkTabs
          label="Range"
          tabs={ranges.map(({ value, label }) => ({ word: label, href: `/top/${what}?range=${value}` }))}
          current={current?.label ?? ''}
          panel={PANEL}
        />
      </PageTop>
      <div id={PANEL} role="tabpanel" aria-label={`Top ${what}, ${current?.label}`} className={classes.panel}>
        <p className={classes.meaning}>
          {current?.meaning} The order is Spotify&apos;s own; it does not say how often.
        </p>
        <ChartPanel chart={`top-${what}-ranks`} answer={answer} />
        <ChartPanel chart={`top-${what}`} answer={answer} />
      </div>
    </>
  )
}
