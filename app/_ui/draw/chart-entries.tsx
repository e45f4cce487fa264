import { Artwork } from '#app/_ui/artwork.tsx'
import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { formatMovement, Movement } from '#app/_ui/movement.tsx'
import { MusicLink } from '#app/_ui/music-link.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import { unitOfChart } from '#lib/api/chart-names.ts'
import type { ChartEntryRow } from '#lib/charts/chart.ts'
import { nameOf } from './cells.ts'
import classes from './chart-entries.module.css'
import type { DrawingKind, TableColumn } from './drawing.ts'

const ROW_HEIGHT = 56

/** Places gained; null for new entries. */
const changeOf = ({ rank, previous_rank: before }: ChartEntryRow) => (before === null ? null : before - rank)

/** Whether anything is known of the chart before. */
const isCompared = (rows: ChartEntryRow[]) => rows.some(({ previous_rank }) => previous_rank !== null)

/** Songs that only charts know have no page here. */
function Name({ row }: { row: ChartEntryRow }) {
  if (row.track_id || !row.url)
    return (
      <MusicLink kind="tracks" id={row.track_id}>
        {nameOf(row)}
      </MusicLink>
    )
  return (
    <a href={row.url} target="_blank" rel="noreferrer" title="Open in Spotify">
      {nameOf(row)}
    </a>
  )
}

const playsText = ({ plays }: ChartEntryRow) => (plays === 0 ? 'no plays' : formatCount(plays, 'play'))

function timeText({ chart, time_on_chart: time, peak_rank: peak }: ChartEntryRow): string {
  return [time !== null && formatCount(time, unitOfChart(chart)), peak !== null && `peak ${peak}`]
    .filter(Boolean)
    .join(' · ')
}

function Entries({ rows, compared }: { rows: ChartEntryRow[]; compared: boolean }) {
  return (
    <ol className={classes.list}>
      {rows.map((row) => (
        <li key={row.rank} className={classes.row}>
          <span className={classes.rank}>{row.rank}</span>
          <span className={classes.movement}>{compared && <Movement change={changeOf(row)} />}</span>
          <Artwork src={row.artwork} name={nameOf(row)} />
          <span className={classes.text}>
            <span className={classes.name}>
              <Name row={row} />
            </span>
            <span className={classes.dimmed}>{row.artists}</span>
          </span>
          <span className={classes.time}>{timeText(row)}</span>
          <span className={classes.streams}>{row.streams !== null && `${formatNumber(row.streams)} streams`}</span>
          <span className={classes.plays} data-none={row.plays === 0}>
            {playsText(row)}
          </span>
        </li>
      ))}
    </ol>
  )
}

function columns(rows: ChartEntryRow[]): TableColumn<ChartEntryRow>[] {
  const unit = unitOfChart(rows[0]?.chart ?? '')
  const has = (name: 'streams' | 'time_on_chart' | 'peak_rank') => rows.some((row) => row[name] !== null)
  const number = (value: number | null) => (value === null ? '' : formatNumber(value))
  return [
    { header: 'Rank', numeric: true, cell: ({ rank }) => rank },
    ...(isCompared(rows) ? [{ header: 'Change', cell: (row: ChartEntryRow) => formatMovement(changeOf(row)) }] : []),
    { header: 'Name', cell: (row) => <Name row={row} /> },
    { header: 'Artists', cell: ({ artists }) => artists ?? '' },
    ...(has('streams')
      ? [{ header: 'Streams', numeric: true, cell: ({ streams }: ChartEntryRow) => number(streams) }]
      : []),
    ...(has('time_on_chart')
      ? [
          {
            header: unit === 'week' ? 'Weeks on chart' : 'Days on chart',
            numeric: true,
            cell: (row: ChartEntryRow) => number(row.time_on_chart),
          },
        ]
      : []),
    ...(has('peak_rank')
      ? [{ header: 'Peak', numeric: true, cell: (row: ChartEntryRow) => number(row.peak_rank) }]
      : []),
    { header: 'Your plays', numeric: true, cell: ({ plays }) => formatNumber(plays) },
  ]
}

function summary(rows: ChartEntryRow[]): string {
  const [first] = rows
  if (!first) return ''
  const played = rows.filter(({ plays }) => plays > 0).length
  return `${formatCount(rows.length, 'song')}. Number ${first.rank} is ${nameOf(first)}${first.artists ? ` by ${first.artists}` : ''}. You have played ${formatNumber(played)} of them.`
}

/** A chart: rank and movement, streams where they are known, and the listener's own plays. */
export const chartEntries: DrawingKind<ChartEntryRow> = {
  picture: (rows, limit) => <Entries rows={rows.slice(0, limit)} compared={isCompared(rows)} />,
  summary,
  columns,
  placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 20)} rowHeight={ROW_HEIGHT} />,
}
