import { formatNumber, listeningTime } from '#app/_ui/format.ts'
import { TilesPlaceholder } from '#app/_ui/placeholder.tsx'
import type { FigureRow } from '#lib/charts/chart.ts'
import type { DrawingKind } from './drawing.ts'
import classes from './figures.module.css'

const TILE_HEIGHT = 122

interface Figure {
  /** "Plays" */
  word: string
  /** "28 days", or null for a figure of now. */
  period: string | null
  value: string
  /** Of the value, where it is not a count. */
  unit: string | null
  /** Change against the period before, "▲8%"; null without one. */
  change: { sign: string; words: string } | null
}

/** Where the shown word differs from the row's: minutes are shown as time. */
const NAMES: Record<string, string> = { minutes: 'Listened' }

function percentChange(value: number, previous: number | null): Figure['change'] {
  if (previous === null || previous === 0) return null
  const percent = Math.round((100 * (value - previous)) / previous)
  if (percent === 0) return { sign: '–', words: 'as much as before' }
  const size = formatNumber(Math.abs(percent))
  return percent > 0
    ? { sign: `▲${size}%`, words: `${size} percent more than before` }
    : { sign: `▼${size}%`, words: `${size} percent less than before` }
}

/** A row {figure: 'plays, 28 days', value, previous} as it is shown. */
export function figureOf(row: FigureRow): Figure {
  const [word = '', period = null] = row.figure.split(', ')
  const { value } = row
  return {
    word: NAMES[word] ?? word.charAt(0).toUpperCase() + word.slice(1),
    period,
    ...(word === 'minutes' ? listeningTime(value) : { value: formatNumber(value), unit: null }),
    change: percentChange(value, row.previous),
  }
}

function Figures({ rows }: { rows: FigureRow[] }) {
  return (
    <dl className={classes.figures}>
      {rows.map(figureOf).map(({ word, period, value, unit, change }) => (
        <div key={word} className={classes.figure}>
          <dt>{word}</dt>
          <dd className={classes.value}>
            {value}
            {unit && <span className={classes.unit}> {unit}</span>}
          </dd>
          <dd className={classes.period}>
            {period}
            {change && (
              <span role="img" aria-label={change.words} title={change.words}>
                {change.sign}
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

export const figures: DrawingKind<FigureRow> = {
  picture: (rows) => <Figures rows={rows} />,
  summary: () => '',
  placeholder: () => <TilesPlaceholder tiles={6} height={TILE_HEIGHT} />,
}
