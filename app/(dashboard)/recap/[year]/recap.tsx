'use client'

import type { UseQueryResult } from '@tanstack/react-query'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { CountingNote } from '#app/_ui/counting/counting-note.tsx'
import { FigureValue } from '#app/_ui/draw/figure-value.tsx'
import figureClasses from '#app/_ui/draw/figures.module.css'
import { percentChange } from '#app/_ui/draw/figures.tsx'
import { emptyText } from '#app/_ui/empty-text.tsx'
import { formatCount, formatDays, formatNumber } from '#app/_ui/format.ts'
import { ImportHint } from '#app/_ui/import-hint.tsx'
import { Link } from '#app/_ui/link.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Columns, Panel } from '#app/_ui/panel.tsx'
import { Placeholder, TilesPlaceholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { useFigures, useIncomplete } from '#app/_ui/range/coverage.ts'
import { CoverageNote } from '#app/_ui/range/coverage-note.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { isPreparing, useCharts } from '#app/_ui/use-charts.ts'
import { YearSwitch } from '#app/_ui/year-switch.tsx'
import type { ChartName, ChartsResponse } from '#lib/api/client.ts'
import type { MomentRow, OwnRankingRow, PeriodFigureRow, YearMonthRow } from '#lib/charts/chart.ts'
import type { DateRange } from '#lib/core/period.ts'
import { LIST_CHARTS, queriesOf, YEAR_CHARTS } from './charts.ts'
import { Favorites, Mosaic } from './favorites.tsx'
import classes from './recap.module.css'
import { SharePanel } from './share-panel.tsx'

const HERO_HEIGHT = 248
const TILE_HEIGHT = 122
const HOUR = 60

type Charts = UseQueryResult<ChartsResponse>

function rowsOf<Row>(charts: Charts, name: ChartName): Row[] {
  return (charts.data?.charts.find(({ chart }) => chart === name)?.rows ?? []) as Row[]
}

/** What a number counts has an address with the days of the year. */
const addressIn = (days: DateRange, page: string, more = {}) =>
  `${page}?${new URLSearchParams({ from: days.from, to: days.to, ...more })}`

type Figures = Map<string, PeriodFigureRow>

interface YearProps {
  year: string
  days: DateRange
}

/** The same days a year earlier, as the figures are compared. */
const yearBefore = ({ from, to }: DateRange): DateRange => {
  const before = (day: string) => `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`
  return { from: before(from), to: before(to) }
}

const isRunning = ({ year, days }: YearProps) => days.to < `${year}-12-31`

/** "4% more than in 2024" */
function comparison({ value, previous }: PeriodFigureRow, { year, days }: YearProps): string | null {
  if (!previous) return null
  const percent = Math.round((100 * (value - previous)) / previous)
  const before = Number(year) - 1
  const than = isRunning({ year, days }) ? `in the same period of ${before}` : `in ${before}`
  if (percent === 0) return `About as much as ${than}`
  return `${formatNumber(Math.abs(percent))}% ${percent > 0 ? 'more' : 'less'} than ${than}`
}

function Hero({ figures, albums, ...props }: YearProps & { figures: Figures; albums: OwnRankingRow[] }) {
  const { year, days } = props
  const minutes = figures.get('minutes')
  const plays = figures.get('plays')
  const isAtLeast = useIncomplete(days).length > 0
  const { previousOf } = useFigures(days, yearBefore(days))
  if (!minutes || !plays) return null
  const hours = minutes.value / HOUR
  const compared = comparison({ ...minutes, previous: previousOf(minutes.previous) }, props)
  return (
    <section className={classes.hero} aria-label={`${year} at a glance`}>
      <div className={classes.about}>
        <p className={classes.kicker}>
          {isRunning(props) ? `${year} so far, ${formatDays(days)}` : `Your ${year} in music`}
        </p>
        <p className={classes.big}>
          {isAtLeast && <span className={classes.unit}>at least </span>}
          <Link href={addressIn(days, '/insights', { by: 'minutes' })}>
            {formatNumber(hours >= 10 ? hours : minutes.value)}
          </Link>{' '}
          <span className={classes.unit}>
            {hours >= 10 ? 'hours' : minutes.value === 1 ? 'minute' : 'minutes'} of music
          </span>
        </p>
        <p className={classes.lead}>
          <Link href={addressIn(days, '/history')}>{formatCount(plays.value, 'play')}</Link> on{' '}
          {formatCount(figures.get('days')?.value ?? 0, 'day')}. {compared && `${compared}.`}
        </p>
        <CoverageNote range={days} />
        <p>
          <a href="#share-card">Share card</a>
        </p>
      </div>
      <Mosaic albums={albums} />
    </section>
  )
}

/** What is counted, with links to it. */
function Tiles({ figures, days, streak }: { figures: Figures; days: DateRange; streak: MomentRow | undefined }) {
  const { noteOf, previousOf } = useFigures(days, yearBefore(days))
  const streakDays = streak ? { from: streak.first_day, to: streak.last_day } : days
  const compare = { compare: 'last-year' }
  const tiles = [
    { name: 'songs', label: 'Songs', href: addressIn(days, '/top/tracks', compare) },
    { name: 'artists', label: 'Artists', href: addressIn(days, '/top/artists', compare) },
    { name: 'albums', label: 'Albums', href: addressIn(days, '/top/albums', compare) },
    { name: 'new artists', label: 'New artists', href: addressIn(days, '/top/artists', { sort: 'first', ...compare }) },
    { name: 'days', label: 'Days with music', href: addressIn(days, '/insights') },
    { name: 'streak', label: 'Longest streak', unit: 'days', href: addressIn(streakDays, '/history') },
  ]
  return (
    <dl className={`${figureClasses.figures} ${classes.tiles}`}>
      {tiles.map(({ name, label, unit, href }) => {
        const figure = figures.get(name)
        const change = figure && percentChange(figure.value, previousOf(figure.previous))
        return (
          <div key={name} className={figureClasses.figure}>
            <dt>{label}</dt>
            <FigureValue
              value={formatNumber(figure?.value ?? 0)}
              unit={unit && figure?.value === 1 ? unit.slice(0, -1) : unit}
              href={href}
            />
            <dd className={figureClasses.period}>
              <span>{noteOf(name)}</span>
              {change && (
                <span role="img" aria-label={change.text} title={change.text}>
                  {change.symbol}
                </span>
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

/** Instead of a page of empty panels. */
function NoPlays({ year, years }: { year: string; years: number[] }) {
  const me = useMe()
  return (
    <Panel title={years.length > 0 ? `Nothing played in ${year}` : 'No plays yet'}>
      <p className={classes.empty}>
        {years.length > 0 ? (
          <>
            Tracklake knows no plays in {year}. You have plays in{' '}
            {years.map((one, at) => (
              <span key={one}>
                {at > 0 && ', '}
                <Link href={`/recap/${one}`}>{one}</Link>
              </span>
            ))}
            . {years.every((one) => Number(one) > Number(year)) && <ImportHint />}
          </>
        ) : (
          emptyText(me, 'Your year shows here once your plays have been synced.')
        )}
      </p>
    </Panel>
  )
}

interface ContentProps extends YearProps {
  charts: Charts
  lists: Charts
  figures: Figures
}

function Content({ year, days, charts, lists, figures }: ContentProps) {
  const isAtLeast = useIncomplete(days).length > 0
  const moments = rowsOf<MomentRow>(charts, 'recap-moments')
  const detail = (page: string, label: string) => ({ href: addressIn(days, page, { compare: 'last-year' }), label })
  const songs = rowsOf<OwnRankingRow>(lists, 'top-songs')
  const artists = rowsOf<OwnRankingRow>(lists, 'top-artists-played')
  return (
    <>
      <Hero year={year} days={days} figures={figures} albums={rowsOf(lists, 'top-albums')} />
      <Tiles figures={figures} days={days} streak={moments.find(({ name }) => name === 'longest streak')} />
      <ChartPanel chart="recap-months" query={charts} />
      <Favorites
        song={songs[0]}
        artist={artists[0]}
        album={rowsOf<OwnRankingRow>(lists, 'top-albums')[0]}
        soFar={isRunning({ year, days })}
      />
      <Columns>
        <ChartPanel chart="top-songs" query={lists} detail={detail('/top/tracks', 'All songs')} />
        <ChartPanel chart="top-artists-played" query={lists} detail={detail('/top/artists', 'All artists')} />
        <ChartPanel chart="top-albums" query={lists} detail={detail('/top/albums', 'All albums')} />
        <ChartPanel chart="recap-new-artists" query={charts} />
        <ChartPanel chart="recap-moments" query={charts} />
        <SharePanel
          year={year}
          soFar={isRunning({ year, days })}
          isAtLeast={isAtLeast}
          figures={figures}
          months={rowsOf<YearMonthRow>(charts, 'recap-months')}
          artists={artists}
          songs={songs}
        />
        <ChartPanel chart="hours" query={charts} measure="plays" />
        <ChartPanel chart="recap-years" query={charts} />
      </Columns>
    </>
  )
}

/** A listener's year: figures, months, lists, moments and a card to share. */
export function Recap({ year, days }: YearProps) {
  const queries = queriesOf(year, days)
  const charts = useCharts(YEAR_CHARTS, queries.year)
  const lists = useCharts(LIST_CHARTS, queries.lists)
  const years = rowsOf<{ year: number; plays: number }>(charts, 'recap-years')
    .filter(({ plays }) => plays > 0)
    .map((row) => row.year)
  const rows = rowsOf<PeriodFigureRow>(charts, 'recap')
  const figures: Figures = new Map(rows.map((row) => [row.name, row]))
  return (
    <>
      <PageHeader title={year}>
        {years.length > 0 && (
          <div className={classes.years}>
            <YearSwitch year={Number(year)} years={years} hrefOf={(one) => `/recap/${one}`} />
          </div>
        )}
      </PageHeader>
      <CountingNote />
      {charts.isError && !charts.data ? (
        <Panel title="Your year">
          <ProblemPanel problem={asProblem(charts.error)} onRetry={() => charts.refetch()} />
        </Panel>
      ) : charts.isPending || (isPreparing(charts.data) && rows.length === 0) ? (
        <>
          {charts.data && <p role="status">Querying your warehouse…</p>}
          <Placeholder height={HERO_HEIGHT} />
          <TilesPlaceholder tiles={6} height={TILE_HEIGHT} />
        </>
      ) : figures.get('plays')?.value ? (
        <Content year={year} days={days} charts={charts} lists={lists} figures={figures} />
      ) : (
        <NoPlays year={year} years={years} />
      )}
    </>
  )
}
