import { formatNumber, formatShortDate, formatTime, listeningTime } from '#app/_ui/format.ts'
import { useZone } from '#app/_ui/me.tsx'
import { useNow } from '#app/_ui/moment.tsx'
import { TilesPlaceholder } from '#app/_ui/placeholder.tsx'
import type { FigureRow } from '#lib/charts/chart.ts'
import type { DrawingKind } from './drawing.ts'
import { FigureValue } from './figure-value.tsx'
import classes from './figures.module.css'

const TILE_HEIGHT = 122

interface Figure {
  /** For example "Plays". */
  label: string
  /** "28 days", or "since 29 Nov" if there are no plays from before; null for a current count. */
  period: string | null
  value: string
  /** Unit of the value; null for counts. */
  unit: string | null
  /** Change against the previous period, for example "▲8%"; null if unknown. */
  change: { symbol: string; text: string } | null
}

/** Labels that differ from the row's name: minutes are shown as time. */
const LABELS: Record<string, string> = { minutes: 'Listened' }

/** The change against the value before; null if there is none to compare with. */
export function percentChange(value: number, previous: number | null): Figure['change'] {
  if (previous === null || previous === 0) return null
  const percent = Math.round((100 * (value - previous)) / previous)
  if (percent === 0) return { symbol: '–', text: 'no change' }
  const size = formatNumber(Math.abs(percent))
  return percent > 0
    ? { symbol: `▲${size}%`, text: `${size} percent more than before` }
    : { symbol: `▼${size}%`, text: `${size} percent less than before` }
}

/** Since when there are plays: the time if it was today, or the day. */
function formatSince(since: string, zone: string, now: number): string {
  const day = formatShortDate(since, zone)
  const isToday = day === formatShortDate(new Date(now).toISOString(), zone)
  return `since ${isToday ? formatTime(since, zone) : day}`
}

/** Converts a row for display. */
export function figureOf({ name, days, value, previous, since }: FigureRow, zone: string, now: number): Figure {
  return {
    label: LABELS[name] ?? name.charAt(0).toUpperCase() + name.slice(1),
    period: since ? formatSince(since, zone, now) : days === null ? null : `${days} days`,
    ...(name === 'minutes' ? listeningTime(value) : { value: formatNumber(value), unit: null }),
    change: percentChange(value, previous),
  }
}

function Figures({ rows }: { rows: FigureRow[] }) {
  const zone = useZone()
  const now = useNow()
  return (
    <dl className={classes.figures}>
      {rows
        .map((row) => figureOf(row, zone, now))
        .map(({ label, period, value, unit, change }) => (
          <div key={label} className={classes.figure}>
            <dt>{label}</dt>
            <FigureValue value={value} unit={unit} />
            {/* Server and browser render at different moments, maybe in different zones. */}
            <dd className={classes.period} suppressHydrationWarning>
              {period}
              {change && (
                <span role="img" aria-label={change.text} title={change.text}>
                  {change.symbol}
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
