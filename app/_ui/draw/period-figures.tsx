import { formatNumber, listeningTime } from '#app/_ui/format.ts'
import { TilesPlaceholder } from '#app/_ui/placeholder.tsx'
import { useFigures } from '#app/_ui/range/coverage.ts'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import type { PeriodFigureRow } from '#lib/charts/chart.ts'
import type { DrawingKind } from './drawing.ts'
import { FigureValue } from './figure-value.tsx'
import classes from './figures.module.css'
import { percentChange } from './figures.tsx'

const TILE_HEIGHT = 122

/** Labels that differ from the row's name: minutes are shown as time. */
const LABELS: Record<string, string> = { minutes: 'Listened', streak: 'Longest streak' }

function amountOf({ name, value }: PeriodFigureRow): { value: string; unit: string | null } {
  if (name === 'minutes') return listeningTime(value)
  return { value: formatNumber(value), unit: name === 'streak' ? (value === 1 ? 'day' : 'days') : null }
}

function Figures({ rows }: { rows: PeriodFigureRow[] }) {
  const { period, compared } = usePeriod()
  const { noteOf, previousOf } = useFigures(period, compared)
  return (
    <dl className={classes.figures}>
      {rows.map((row) => {
        const { value, unit } = amountOf(row)
        const change = percentChange(row.value, previousOf(row.previous))
        return (
          <div key={row.name} className={classes.figure}>
            <dt>{LABELS[row.name] ?? row.name.charAt(0).toUpperCase() + row.name.slice(1)}</dt>
            <FigureValue value={value} unit={unit} />
            <dd className={classes.period}>
              <span>{noteOf(row.name, row.since)}</span>
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

export const periodFigures: DrawingKind<PeriodFigureRow> = {
  picture: (rows) => <Figures rows={rows} />,
  summary: () => '',
  placeholder: () => <TilesPlaceholder tiles={6} height={TILE_HEIGHT} />,
}
