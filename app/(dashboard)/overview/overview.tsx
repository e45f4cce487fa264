'use client'

import { useState } from 'react'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { CountingNote } from '#app/_ui/counting/counting-note.tsx'
import { ImportHint } from '#app/_ui/import-hint.tsx'
import { isActive, useMe } from '#app/_ui/me.tsx'
import { Columns } from '#app/_ui/panel.tsx'
import { CoverageNote } from '#app/_ui/range/coverage-note.tsx'
import { NothingPlayedPanel } from '#app/_ui/range/nothing-played.tsx'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import { RangeControl } from '#app/_ui/range/range-control.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { LIST_LENGTH, LISTS, PERIOD_CHARTS, RANKING_QUERY, RANKINGS } from './charts.ts'
import classes from './overview.module.css'
import { RunPanel } from './run-panel.tsx'

/** True while the listener's first data is being fetched with the page open. */
function useFirstRun(): boolean {
  const { dataAsOf, lastRun } = useMe()
  const [openedWithoutData] = useState(dataAsOf === null)
  return openedWithoutData && isActive(lastRun?.state)
}

/** The listener's own lists in the period. */
function OwnLists({ address }: { address: string }) {
  const { query } = usePeriod()
  const lists = useCharts(LISTS, { ...query, limit: String(LIST_LENGTH) })
  return (
    <>
      <ChartPanel chart="top-songs" query={lists} detail={{ href: `/top/tracks${address}`, label: 'All songs' }} />
      <ChartPanel
        chart="top-artists-played"
        query={lists}
        detail={{ href: `/top/artists${address}`, label: 'All artists' }}
      />
      <ChartPanel chart="top-albums" query={lists} detail={{ href: `/top/albums${address}`, label: 'All albums' }} />
    </>
  )
}

/** Spotify's lists, which most listeners have from the first minute. */
function Rankings({ address }: { address: string }) {
  const { lastRun } = useMe()
  const rankings = useCharts(RANKINGS, RANKING_QUERY)
  const hasNone = rankings.data?.charts.every(({ rows, preparing }) => rows.length === 0 && !preparing)
  if (hasNone && !isActive(lastRun?.state)) return <OwnLists address={address} />
  return (
    <>
      <ChartPanel
        chart="top-tracks"
        title="Spotify’s top songs, 4 weeks"
        query={rankings}
        limit={LIST_LENGTH}
        detail={{ href: '/top/tracks?by=spotify', label: 'All songs' }}
      />
      <ChartPanel
        chart="top-artists"
        title="Spotify’s top artists, 4 weeks"
        query={rankings}
        limit={LIST_LENGTH}
        detail={{ href: '/top/artists?by=spotify', label: 'All artists' }}
      />
    </>
  )
}

export function Overview({ knowsLittle }: { knowsLittle: boolean }) {
  const { query, calendar, period, compared } = usePeriod()
  const charts = useCharts(PERIOD_CHARTS, query)
  const isFirstRun = useFirstRun()
  const figures = charts.data?.charts.find(({ chart }) => chart === 'overview-figures')
  const isSilent =
    calendar.firstDay !== null && figures?.rows.some(({ name, value }) => name === 'plays' && value === 0)
  const hasRunBeside = !isFirstRun && !isSilent && !knowsLittle
  const address = `?${new URLSearchParams(Object.entries(query).filter((entry) => entry[1] !== undefined) as string[][])}`
  return (
    <>
      <PageHeader title="Overview">
        <RangeControl />
      </PageHeader>
      <CountingNote />
      <CoverageNote range={period} compared={compared} saysSince />
      {isFirstRun && <RunPanel isFirst />}
      {isSilent ? (
        <NothingPlayedPanel />
      ) : (
        <>
          <ChartPanel chart="overview-figures" query={charts} />
          {knowsLittle && calendar.firstDay !== null && (
            <p className={classes.hint}>
              <ImportHint />
            </p>
          )}
          <Columns>
            <ChartPanel chart="minutes-per-day" query={charts} />
            {knowsLittle ? <Rankings address={address} /> : <OwnLists address={address} />}
            <ChartPanel
              chart="hour-of-week"
              title="Listening clock"
              query={charts}
              detail={{ href: `/insights${address}`, label: 'Insights' }}
            />
            {hasRunBeside && <RunPanel />}
          </Columns>
        </>
      )}
      <ChartPanel chart="recent-plays" query={charts} detail={{ href: '/history', label: 'All plays' }} />
      {!isFirstRun && !hasRunBeside && <RunPanel />}
    </>
  )
}
