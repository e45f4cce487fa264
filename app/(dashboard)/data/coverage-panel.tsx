'use client'

import { Button, VisuallyHidden } from '@mantine/core'
import { useRef, useState } from 'react'
import { ChartMenuButton } from '#app/_ui/download/chart-menu-button.tsx'
import { calendarCells, dayName } from '#app/_ui/draw/calendar-cells.ts'
import type { TableColumn } from '#app/_ui/draw/drawing.ts'
import { Heatmap, heatmapHeight } from '#app/_ui/draw/heatmap.tsx'
import type { HeatmapData } from '#app/_ui/draw/heatmap-cells.ts'
import { formatCount, formatDays, formatNumber } from '#app/_ui/format.ts'
import { AlertIcon } from '#app/_ui/icons.tsx'
import { Link } from '#app/_ui/link.tsx'
import { useMe, useZone } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { OnDemand } from '#app/_ui/on-demand.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { TableView } from '#app/_ui/table-view.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { YearSwitch } from '#app/_ui/year-switch.tsx'
import { type CoverageResponse, getCoverage } from '#lib/api/client.ts'
import type { SpotifyExport } from '#lib/api/lists.ts'
import { addDays, countDays } from '#lib/core/period.ts'
import { EXPORTS, holeSentence, STATES } from './coverage-labels.ts'
import classes from './data.module.css'

const TITLE = 'Coverage'
const ROW_HEIGHT = 20
const WEEK = 7
const LEGEND_HEIGHT = 30
const MIN_WIDTH = 800
const ORDER_AT = 'https://www.spotify.com/account/privacy/'

const chartMenu = () => import('#app/_ui/download/chart-menu.tsx').then((module) => module.ChartMenu)

type CoveredDay = CoverageResponse['days'][number]

const COLUMNS: TableColumn[] = [
  { header: 'Day', cell: ({ day }) => dayName(String(day)) },
  { header: 'Coverage', cell: ({ state }) => STATES[state as CoveredDay['state']].label },
  { header: 'Plays', numeric: true, cell: ({ plays }) => formatNumber(Number(plays)) },
]

function dataOf({ year, days }: CoverageResponse, weekStart: number): HeatmapData {
  const known = new Map(days.map((one) => [one.day, one]))
  // Future days keep their place, so that a year always has the same width.
  const all = Array.from({ length: countDays({ from: `${year}-01-01`, to: `${year}-12-31` }) }, (_, index) => ({
    day: addDays(`${year}-01-01`, index),
  }))
  const shown = Object.values(STATES).filter(({ kind }) => days.some(({ state }) => STATES[state].kind === kind))
  const cells = calendarCells(all, weekStart, ({ day }) => {
    const found = known.get(day)
    if (!found) return null
    const { kind, label } = STATES[found.state]
    const detail = found.plays > 0 ? `${label}, ${formatCount(found.plays, 'play')}` : label
    return { kind, value: found.plays, detail, ...(found.plays > 0 ? { href: `/history?from=${day}&to=${day}` } : {}) }
  })
  return { ...cells, unit: 'plays', kinds: shown.map(({ kind, ...label }) => ({ name: kind, ...label })) }
}

/** In one sentence, how many days of the year are missing or fully covered. */
function summaryOf({ days, holes }: CoverageResponse): string {
  const count = (...states: CoveredDay['state'][]) => days.filter(({ state }) => states.includes(state)).length
  const missing = count('likely hole')
  const tracked = count('import only')
  const known = count('covered', 'nothing heard')
  if (known + missing + tracked === 0) return 'Nothing is known about this year.'
  if (missing + tracked === 0) return `Nothing is missing: ${formatCount(known, 'day')} fully covered.`
  const parts = [
    ...(missing > 0 ? [`${formatCount(missing, 'day')} with likely holes`] : []),
    ...(tracked > 0 ? [`${formatCount(tracked, 'day')} only from another tracker`] : []),
    `${formatCount(known, 'day')} fully covered`,
  ]
  return `${parts.join(', ')}.${holes.length > 0 ? ' Totals over these days say “at least”.' : ''}`
}

/** Which days of a year are covered, what is missing, and how to get it. @param year the current one if undefined */
export function CoveragePanel({ year }: { year: number | undefined }) {
  // It changes with the data only, which refetches everything.
  const coverage = useEndpoint(getCoverage, { query: year === undefined ? {} : { year }, every: false })
  const { data } = coverage
  const [isTable, setTable] = useState(false)
  const drawn = useRef<HTMLDivElement>(null)
  return (
    <Panel
      title={TITLE}
      id="coverage"
      action={
        data?.since && (
          <>
            <Button
              variant={isTable ? 'filled' : 'default'}
              size="compact-xs"
              aria-pressed={isTable}
              onClick={() => setTable((before) => !before)}
            >
              Table
            </Button>
            <OnDemand
              load={chartMenu}
              own={{ title: TITLE, name: `coverage-${data.year}`, rows: data.days, content: drawn }}
            >
              {(standIn) => <ChartMenuButton chart={TITLE} {...standIn} />}
            </OnDemand>
          </>
        )
      }
    >
      {data ? (
        data.since ? (
          <div ref={drawn} className={classes.coverage} data-stale={coverage.isPlaceholderData}>
            <Year coverage={data} isTable={isTable} />
          </div>
        ) : (
          <p className={classes.empty}>Covered days appear here once your plays have been synced.</p>
        )
      ) : coverage.isPending ? (
        <Placeholder height={heatmapHeight(WEEK, ROW_HEIGHT) + LEGEND_HEIGHT} />
      ) : (
        <ProblemPanel problem={asProblem(coverage.error)} onRetry={() => coverage.refetch()} />
      )}
    </Panel>
  )
}

function Year({ coverage, isTable }: { coverage: CoverageResponse; isTable: boolean }) {
  const { weekStart } = useMe()
  const { year, years, since, until, days } = coverage
  return (
    <>
      {years.length > 1 && <YearSwitch year={year} years={years} hrefOf={(one) => `/data?year=${one}#coverage`} />}
      <p className={classes.lead}>
        {year}: {summaryOf(coverage)}
      </p>
      {isTable ? (
        <TableView caption={TITLE} columns={COLUMNS} rows={days} />
      ) : (
        <Heatmap
          label={`Coverage of ${year} by day`}
          data={dataOf(coverage, weekStart)}
          rowHeight={ROW_HEIGHT}
          minWidth={MIN_WIDTH}
        />
      )}
      <Holes coverage={coverage} />
      {since && (
        <p className={classes.dimmed}>
          Your data begins on {formatDays({ from: since, to: since })}
          {until && (
            <>
              {' '}
              and is known up to <Moment at={until} as="exact" />
            </>
          )}
          . It never includes private sessions or podcasts.
        </p>
      )}
    </>
  )
}

/** A sentence per hole, and what to request from Spotify. */
function Holes({ coverage: { holes, moreHoles } }: { coverage: CoverageResponse }) {
  const zone = useZone()
  const [first] = holes
  if (!first) return null
  const exports = [...new Set(holes.map((hole) => hole.export))]
  return (
    <>
      <ul className={classes.holes}>
        {holes.map((hole) => {
          const { what, why } = holeSentence(hole, zone)
          return (
            <li key={hole.from} className={classes.hole}>
              <AlertIcon size={16} />
              <span>
                <strong>{what}</strong> {why}
              </span>
              <VisuallyHidden>
                From <Moment at={hole.from} as="exact" /> to <Moment at={hole.to} as="exact" />.
              </VisuallyHidden>
            </li>
          )
        })}
        {moreHoles > 0 && <li>{formatCount(moreHoles, 'older hole')} this year not listed.</li>}
      </ul>
      <Advice exports={exports} />
    </>
  )
}

function Advice({ exports }: { exports: SpotifyExport[] }) {
  return (
    <p className={classes.prose}>
      Spotify can still send you these plays. Request{' '}
      {exports.map((one, index) => (
        <span key={one}>
          {index > 0 && ', or for the older ones '}“{EXPORTS[one].title}” ({EXPORTS[one].holds})
        </span>
      ))}{' '}
      on{' '}
      <a href={ORDER_AT} target="_blank" rel="noreferrer">
        Spotify’s privacy page
      </a>{' '}
      and <Link href="/import">import</Link> the file it sends.
    </p>
  )
}
