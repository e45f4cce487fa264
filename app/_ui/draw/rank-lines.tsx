import dynamic from 'next/dynamic'
import { formatCount, formatDay } from '#app/_ui/format.ts'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import type { DrawingKind } from './drawing.ts'
import { type Line, type Lines, labelOf, linesOf, type RankLines } from './lines.ts'
import classes from './rank-lines.module.css'

const PLOT_HEIGHT = 340
/** Names in each list of changes. The table view has every day. */
const MAX_CHANGES = 4

// The chart library is large, so it loads only on pages with lines. The placeholder reserves its space.
const RankLinesPlot = dynamic(() => import('./rank-lines-plot.tsx').then((module) => module.RankLinesPlot), {
  ssr: false,
  loading: () => <Placeholder height={PLOT_HEIGHT} />,
})

interface ChangesProps {
  label: string
  lines: Line[]
  dayOf: (line: Line) => string | null
}

function Changes({ label, lines, dayOf }: ChangesProps) {
  if (lines.length === 0) return null
  const sorted = lines.toSorted((one, other) => (dayOf(other) ?? '').localeCompare(dayOf(one) ?? ''))
  const more = lines.length - MAX_CHANGES
  return (
    <div>
      <h3>{label}</h3>
      <ul>
        {sorted.slice(0, MAX_CHANGES).map((line) => (
          <li key={line.id}>
            <span className={classes.changeName}>{line.name}</span>{' '}
            <span className={classes.changeDay}>
              {formatDay(dayOf(line) ?? '')}, peak {line.peak}
            </span>
          </li>
        ))}
        {more > 0 && <li className={classes.changeDay}>and {more} more</li>}
      </ul>
    </div>
  )
}

/** Which entered and left the list in the known days: long ranges move so slowly that lines alone hardly show it. */
function EnteredAndLeft({ lines }: { lines: Lines['lines'] }) {
  const entered = lines.filter((line) => line.entered !== null && line.left === null)
  const left = lines.filter((line) => line.left !== null)
  if (entered.length + left.length === 0) return null
  return (
    <div className={classes.changes}>
      <Changes label="Entered" lines={entered} dayOf={(line) => line.entered} />
      <Changes label="Left" lines={left} dayOf={(line) => line.left} />
    </div>
  )
}

/** Ranks over time, one line per entry, best rank at the top. */
export function rankLines(draw: RankLines): DrawingKind {
  return {
    tooFew: (rows) =>
      linesOf(rows, draw).days.length < 2 ? (draw.tooFew ?? 'Your rank history starts tomorrow.') : null,
    picture: (rows) => {
      const lines = linesOf(rows, draw)
      return (
        <>
          <RankLinesPlot lines={lines} height={PLOT_HEIGHT} />
          <EnteredAndLeft lines={lines.lines} />
        </>
      )
    },
    summary: (rows) => {
      const { days, lines } = linesOf(rows, draw)
      const [leader] = lines
      const [first] = days
      if (!leader || !first) return ''
      const left = lines.filter((line) => line.left !== null).length
      return `Ranks of the top ${lines.length - left} over ${formatCount(days.length, 'day')} since ${formatDay(first)}. ${leader.name} is in the lead. ${formatCount(left, 'entry', 'entries')} left.`
    },
    columns: () => [
      { header: 'Day', cell: (row) => formatDay(String(row[draw.x])) },
      { header: 'Rank', numeric: true, cell: (row) => Number(row[draw.y]) },
      { header: 'Name', cell: (row) => labelOf(row, draw.series) },
    ],
    placeholder: () => <Placeholder height={PLOT_HEIGHT} />,
  }
}
