'use client'

import { usePathname, useSearchParams } from 'next/navigation'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { CountingNote } from '#app/_ui/counting/counting-note.tsx'
import { LinkTabs } from '#app/_ui/link-tabs.tsx'
import { Columns, Panel } from '#app/_ui/panel.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { CoverageNote } from '#app/_ui/range/coverage-note.tsx'
import { NothingPlayedPanel } from '#app/_ui/range/nothing-played.tsx'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import { RangeControl } from '#app/_ui/range/range-control.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import type { Measure } from '#lib/charts/chart.ts'
import { COURSE, GENRES, MEASURE_PARAM, measureOf, ORDER, RHYTHM } from './charts.ts'
import classes from './insights.module.css'

const MEASURES: Record<Measure, string> = { plays: 'Plays', minutes: 'Minutes' }

/** What bars and heatmaps count. */
function MeasureTabs({ measure }: { measure: Measure }) {
  const pathname = usePathname()
  const searchParams = useSearchParams()
  const hrefOf = (one: string) => {
    const params = new URLSearchParams(searchParams)
    params.set(MEASURE_PARAM, one)
    return `${pathname}?${params}`
  }
  return (
    <LinkTabs
      label="Count"
      tabs={Object.entries(MEASURES).map(([one, label]) => ({ label, href: hrefOf(one), isCurrent: one === measure }))}
    />
  )
}

/** Habits and their development, in any period. */
export function Insights() {
  const { query, period } = usePeriod()
  const rhythm = useCharts(RHYTHM, query)
  const course = useCharts(COURSE, { ...ORDER, ...query })
  const measure = measureOf(useSearchParams().get(MEASURE_PARAM))
  const problem = rhythm.isError && !rhythm.data ? asProblem(rhythm.error) : null
  const counted = rhythm.data?.charts.find(({ chart }) => chart === 'weekdays')
  const genres = useCharts(GENRES, query)
  const sources = genres.data?.charts.find(({ chart }) => chart === 'genre-sources')
  const hasGenres = sources?.rows.some(({ source }) => source !== 'none') ?? false
  const isSilent = counted && !counted.preparing && !counted.rows.some(({ plays }) => plays)
  return (
    <>
      <PageHeader title="Insights">
        <RangeControl compares={false} />
        <MeasureTabs measure={measure} />
      </PageHeader>
      <CountingNote />
      <CoverageNote range={period} />
      {problem ? (
        <Panel title="Listening habits">
          <ProblemPanel problem={problem} onRetry={() => rhythm.refetch()} />
        </Panel>
      ) : isSilent ? (
        <NothingPlayedPanel />
      ) : (
        <>
          <ChartPanel chart="calendar" query={rhythm} measure={measure} />
          <ChartPanel chart="hour-of-week" query={rhythm} measure={measure} />
          <Columns>
            <ChartPanel chart="weekdays" query={rhythm} measure={measure} />
            <ChartPanel chart="hours" query={rhythm} measure={measure} />
            <ChartPanel chart="days-of-month" query={rhythm} measure={measure} />
            <ChartPanel chart="weeks" query={rhythm} measure={measure} />
            <ChartPanel chart="months" query={rhythm} measure={measure} />
            <ChartPanel chart="years" query={rhythm} measure={measure} />
          </Columns>
          <ChartPanel chart="trend" query={course} />
          <ChartPanel chart="discovery" query={course} />
          {hasGenres && <ChartPanel chart="genre-shares" query={genres} />}
          {hasGenres && (
            <Columns>
              <ChartPanel
                chart="top-genres"
                query={genres}
                limit={8}
                detail={{ href: '/top/genres?period=all', label: 'All genres' }}
              />
              <ChartPanel chart="genre-sources" query={genres} />
            </Columns>
          )}
          <Columns>
            <div className={classes.stack}>
              <ChartPanel chart="streaks" query={course} />
              <ChartPanel chart="session-figures" query={course} />
            </div>
            <ChartPanel chart="sessions" title="Longest sessions" query={course} />
          </Columns>
        </>
      )}
    </>
  )
}
