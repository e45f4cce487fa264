'use client'

import { NativeSelect } from '@mantine/core'
import { useSearchParams } from 'next/navigation'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { CountingNote } from '#app/_ui/counting/counting-note.tsx'
import { formatCount, formatDays } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { LinkTabs } from '#app/_ui/link-tabs.tsx'
import { ListControls, ListPages, useAddress, useListParams } from '#app/_ui/list-controls.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { titleOfChart, unitOfChart } from '#lib/api/chart-names.ts'
import { CHARTS, EDITIONS, LINES, paramsOf, type Selection, selectionOf } from './charts.ts'
import { FromPlaylist } from './from-playlist.tsx'
import classes from './global-charts.module.css'

const PAGE_SIZE = 100

const SORTS = [
  { value: 'rank', label: 'Rank' },
  { value: 'plays', label: 'Your plays' },
  { value: 'time', label: 'Longest on the chart' },
  { value: 'name', label: 'Name' },
]

const dayText = (day: string) => formatDays({ from: day, to: day })

/** Which chart, of which day. */
function Choice({ charts, chart, days, day }: Selection) {
  const addressOf = useAddress()
  const go = (change: Record<string, string>) => window.history.pushState(null, '', addressOf(change))
  const at = days.indexOf(day ?? '')
  const [newer, older] = [days[at - 1], days[at + 1]]
  return (
    <div className={classes.choice}>
      {charts.length > 1 && (
        <NativeSelect
          aria-label="Chart"
          data={charts.map((value) => ({ value, label: titleOfChart(value) }))}
          value={chart ?? ''}
          onChange={(event) => go({ chart: event.currentTarget.value })}
        />
      )}
      {older && (
        <Link href={addressOf({ day: older })} className={classes.step} aria-label="Earlier chart" scroll={false}>
          ‹
        </Link>
      )}
      {days.length > 1 && (
        <NativeSelect
          aria-label={chart && unitOfChart(chart) === 'week' ? 'Week' : 'Day'}
          data={days.map((value) => ({ value, label: dayText(value) }))}
          value={day ?? ''}
          onChange={(event) => go({ day: event.currentTarget.value })}
        />
      )}
      {newer && (
        <Link href={addressOf({ day: newer })} className={classes.step} aria-label="Later chart" scroll={false}>
          ›
        </Link>
      )}
    </div>
  )
}

interface ShownProps {
  selection: Selection
}

function Shown({ selection }: ShownProps) {
  const { demo } = useMe()
  const searchParams = useSearchParams()
  const addressOf = useAddress()
  const list = useListParams()
  const lines = searchParams.get('lines')
  const charts = useCharts(CHARTS, paramsOf(selection, lines, list))
  const response = charts.data?.charts.find(({ chart }) => chart === 'global-charts')
  const first = response?.rows[0] as { found: number; chart: string } | undefined
  const { chart = '', day = '' } = selection
  const unit = unitOfChart(chart)
  return (
    <>
      <Choice {...selection} />
      <p className={classes.note}>
        {unit === 'week' ? `The week up to ${dayText(day)}.` : `${dayText(day)}.`} Spotify counts all listeners’ streams
        by its own rules. Plays are yours{demo ? '. In the demo, the chart is made up' : ''}.
      </p>
      <div className={classes.lines}>
        <LinkTabs
          label="Lines"
          tabs={LINES.map(({ value, label }, index) => ({
            label,
            href: addressOf({ lines: index === 0 ? '' : value }),
            isCurrent: value === (lines ?? LINES[0].value),
          }))}
        />
        <ChartPanel chart="global-chart-lines" query={charts} />
      </div>
      <CountingNote />
      <ListControls sorts={SORTS} />
      {list.search && response && (
        <p className={classes.note} role="status">
          {formatCount(first?.found ?? 0, 'song')} found.
        </p>
      )}
      <ChartPanel chart="global-charts" title={titleOfChart(chart)} query={charts} limit={PAGE_SIZE} />
      <ListPages list={response} found={first?.found} />
    </>
  )
}

function NoCharts() {
  return (
    <Panel title="No charts yet">
      <p className={classes.none}>
        Download a chart from{' '}
        <a href="https://charts.spotify.com" target="_blank" rel="noreferrer">
          charts.spotify.com
        </a>{' '}
        as CSV and <Link href="/import">import</Link> it to see how songs moved and which of them you play. Or use a
        playlist into which you copied a chart.
      </p>
    </Panel>
  )
}

/** Global charts with the listener's own plays. */
export function GlobalCharts() {
  const searchParams = useSearchParams()
  const editions = useCharts(EDITIONS)
  const rows = (editions.data?.charts[0]?.rows ?? []) as { chart: string; day: string }[]
  const selection = selectionOf(rows, { chart: searchParams.get('chart'), day: searchParams.get('day') })
  return (
    <>
      <PageHeader title="Charts" />
      {selection.chart ? (
        <Shown key={selection.chart} selection={selection} />
      ) : editions.data ? (
        <NoCharts />
      ) : (
        <ChartPanel chart="global-charts" query={editions} />
      )}
      {editions.data && <FromPlaylist />}
    </>
  )
}
