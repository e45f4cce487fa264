import dynamic from 'next/dynamic'
import { formatCount, formatDays, formatNumber } from '#app/_ui/format.ts'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import type { TrendRow } from '#lib/charts/chart.ts'
import type { DrawingKind } from './drawing.ts'
import { percentChange } from './figures.tsx'
import classes from './insights.module.css'

const PLOT_HEIGHT = 240
const FACT_HEIGHT = 34
const LEGEND_HEIGHT = 30

const dayName = (day: string) => formatDays({ from: day, to: day })

const TrendPlot = dynamic(() => import('./bar-plots.ts').then((module) => module.TrendPlot), {
  ssr: false,
  loading: () => <Placeholder height={PLOT_HEIGHT + LEGEND_HEIGHT} />,
})

/** The last seven days against the seven before, in words. */
function LastWeek({ row }: { row: TrendRow | undefined }) {
  if (!row || row.rolling_minutes === null) return <p className={classes.fact}>Averages begin after seven days.</p>
  const change = percentChange(row.rolling_minutes, row.previous_minutes)
  return (
    <p className={classes.fact}>
      <strong>{formatCount(row.rolling_minutes, 'minute')}</strong> in the 7 days to {dayName(row.day)}
      {change && (
        <span
          role="img"
          aria-label={change.text}
          title={`${change.text}, ${formatCount(row.previous_minutes ?? 0, 'minute')}`}
        >
          {change.symbol}
        </span>
      )}
    </p>
  )
}

const cellOf = (value: number | null, suffix = '') => (value === null ? '' : `${formatNumber(value)}${suffix}`)

/** Minutes a day, and their average over seven days. */
export const trend: DrawingKind<TrendRow> = {
  picture: (rows) => (
    <>
      <LastWeek row={rows.at(-1)} />
      <TrendPlot rows={rows} height={PLOT_HEIGHT} />
    </>
  ),
  isEmpty: (rows) => rows.every(({ minutes, rolling_minutes }) => !minutes && !rolling_minutes),
  summary(rows) {
    const last = rows.at(-1)
    if (!last || last.rolling_minutes === null) return ''
    const change = percentChange(last.rolling_minutes, last.previous_minutes)
    return `${formatCount(last.rolling_minutes, 'minute')} in the 7 days to ${dayName(last.day)}${change ? `, ${change.text}` : ''}.`
  },
  columns: () => [
    { header: 'Day', cell: ({ day }) => dayName(day) },
    { header: 'Minutes', numeric: true, cell: ({ minutes }) => cellOf(minutes) },
    { header: 'Minutes of 7 days', numeric: true, cell: (row) => cellOf(row.rolling_minutes) },
    { header: '7 days before', numeric: true, cell: (row) => cellOf(row.previous_minutes) },
    { header: 'Change', numeric: true, cell: ({ change }) => cellOf(change) },
    { header: 'Percent', numeric: true, cell: ({ percent }) => cellOf(percent, '%') },
  ],
  placeholder: () => <Placeholder height={PLOT_HEIGHT + FACT_HEIGHT + LEGEND_HEIGHT} />,
}
