import { formatCount, formatDays } from '#app/_ui/format.ts'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { DrawingKind } from './drawing.ts'
import classes from './rank-courses.module.css'

const ROW_HEIGHT = 52
const WIDTH = 160
const HEIGHT = 32
const MARGIN = 3

const formatDate = (day: string) => formatDays({ from: day, to: day })

interface Ranked {
  day: string
  rank: number
}

interface Course<Row extends Ranked> {
  title: string
  /** Oldest first. */
  rows: Row[]
  newest: Row
  peak: Row
}

interface Courses<Row extends Ranked> {
  /** The name of what a row is a rank in. */
  titleOf(row: Row): string
  /** The heading of these names. */
  header: string
  /** The titles in their order; by default as they come. */
  order?: string[]
  /** How many there usually are. */
  usual: number
  /** More about a course. */
  detailOf?(newest: Row): string | null
}

function coursesOf<Row extends Ranked>(rows: Row[], { titleOf, order }: Courses<Row>): Course<Row>[] {
  const groups = Map.groupBy(rows, titleOf)
  return (order ?? [...groups.keys()]).flatMap((title) => {
    const own = (groups.get(title) ?? []).toSorted((a, b) => a.day.localeCompare(b.day))
    const newest = own.at(-1)
    if (!newest) return []
    return [{ title, rows: own, newest, peak: own.reduce((best, row) => (row.rank < best.rank ? row : best)) }]
  })
}

/** The course of a rank, best at the top. */
function Sparkline({ rows }: { rows: Ranked[] }) {
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

function List<Row extends Ranked>({ rows, of }: { rows: Row[]; of: Courses<Row> }) {
  const newestDay = rows.reduce((day, row) => (row.day > day ? row.day : day), '')
  return (
    <ul className={classes.list}>
      {coursesOf(rows, of).map(({ title, rows: course, newest, peak }) => (
        <li key={title} className={classes.row}>
          <span className={classes.title}>
            {title}
            {of.detailOf?.(newest) && <span className={classes.peak}>{of.detailOf(newest)}</span>}
          </span>
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

/** The ranks of one thing in several rankings, day by day. */
export function rankCourses<Row extends Ranked>(of: Courses<Row>): DrawingKind<Row> {
  return {
    picture: (rows) => <List rows={rows} of={of} />,
    summary: (rows) =>
      coursesOf(rows, of)
        .map(
          ({ title, newest, peak, rows: course }) =>
            `${title}: rank ${newest.rank}, best ${peak.rank}, ${formatCount(course.length, 'day')}.`,
        )
        .join(' '),
    columns: () => [
      { header: 'Day', cell: ({ day }) => formatDate(day) },
      { header: of.header, cell: (row) => of.titleOf(row) },
      { header: 'Rank', numeric: true, cell: ({ rank }) => rank },
    ],
    placeholder: () => <RowsPlaceholder rows={of.usual} rowHeight={ROW_HEIGHT} />,
  }
}
