import { formatCount, formatDays } from '#app/_ui/format.ts'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { SpotifyRankRow } from '#lib/charts/chart.ts'
import { TIME_RANGES, type TimeRange } from '#lib/streams/time-ranges.ts'
import type { DrawingKind } from './drawing.ts'
import classes from './spotify-ranks.module.css'

const ROW_HEIGHT = 52
const WIDTH = 160
const HEIGHT = 32
const MARGIN = 3

const RANGES = Object.keys(TIME_RANGES) as TimeRange[]

const formatDate = (day: string) => formatDays({ from: day, to: day })

interface Course {
  range: TimeRange
  /** Oldest first. */
  rows: SpotifyRankRow[]
  newest: SpotifyRankRow
  peak: SpotifyRankRow
}

function coursesOf(rows: SpotifyRankRow[]): Course[] {
  return RANGES.flatMap((range) => {
    const own = rows.filter(({ time_range }) => time_range === range).sort((a, b) => a.day.localeCompare(b.day))
    const newest = own.at(-1)
    if (!newest) return []
    return [{ range, rows: own, newest, peak: own.reduce((best, row) => (row.rank < best.rank ? row : best)) }]
  })
}

/** The course of a rank, best at the top. */
function Sparkline({ rows }: { rows: SpotifyRankRow[] }) {
  const times = rows.map(({ day }) => Date.parse(day))
  const [first = 0, last = 0] = [times[0], times.at(-1)]
  const ranks = rows.map(({ rank }) => rank)
  const [best, worst] = [Math.min(...ranks), Math.max(...ranks)]
  const x = (time: number) => MARGIN + ((WIDTH - 2 * MARGIN) * (time - first)) / (last - first || 1)
  const y = (rank: number) =>
    best === worst ? HEIGHT / 2 : MARGIN + ((HEIGHT - 2 * MARGIN) * (rank - best)) / (worst - best)
  const points = rows.map(({ rank }, at) => `${x(times[at] ?? 0).toFixed(1)},${y(rank).toFixed(1)}`)
  return (
    <svg className={classes.line} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  )
}

function Ranks({ rows }: { rows: SpotifyRankRow[] }) {
  const newestDay = rows.reduce((day, row) => (row.day > day ? row.day : day), '')
  return (
    <ul className={classes.list}>
      {coursesOf(rows).map(({ range, rows: course, newest, peak }) => (
        <li key={range} className={classes.row}>
          <span className={classes.range}>{TIME_RANGES[range].title}</span>
          <span className={classes.rank}>
            {newest.day === newestDay ? `#${newest.rank}` : `#${newest.rank} on ${formatDate(newest.day)}`}
            {course.length > 1 && (
              <span className={classes.peak}>
                best #{peak.rank} on {formatDate(peak.day)}
              </span>
            )}
          </span>
          {course.length > 1 && <Sparkline rows={course} />}
        </li>
      ))}
    </ul>
  )
}

/** The ranks of one song or artist in Spotify's rankings, day by day. */
export const spotifyRanks: DrawingKind<SpotifyRankRow> = {
  picture: (rows) => <Ranks rows={rows} />,
  summary: (rows) =>
    coursesOf(rows)
      .map(
        ({ range, newest, peak, rows: course }) =>
          `${TIME_RANGES[range].title}: rank ${newest.rank}, best ${peak.rank}, ${formatCount(course.length, 'day')}.`,
      )
      .join(' '),
  columns: () => [
    { header: 'Day', cell: ({ day }) => formatDate(day) },
    { header: 'Ranking', cell: ({ time_range }) => TIME_RANGES[time_range].title },
    { header: 'Rank', numeric: true, cell: ({ rank }) => rank },
  ],
  placeholder: () => <RowsPlaceholder rows={RANGES.length} rowHeight={ROW_HEIGHT} />,
}
