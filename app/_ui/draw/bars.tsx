import dynamic from 'next/dynamic'
import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { type Bars, barName, UNITS } from './bar-labels.ts'
import type { ChartRow, DrawingKind } from './drawing.ts'

const PLOT_HEIGHT = 240

// The chart library is large, so it loads only on pages with drawings of it. The placeholder reserves its space.
const BarsPlot = dynamic(() => import('./bar-plots.ts').then((module) => module.BarsPlot), {
  ssr: false,
  loading: () => <Placeholder height={PLOT_HEIGHT} />,
})

/** Bars of minutes or plays. */
export function bars(draw: Bars): DrawingKind {
  const labelOf = (row: ChartRow) => barName(draw.labels, row[draw.x] as string | number)
  const amountOf = (row: ChartRow) => Number(row[draw.y])
  return {
    picture: (rows) => <BarsPlot rows={rows} draw={draw} height={PLOT_HEIGHT} />,
    isEmpty: (rows) => rows.every((row) => !row[draw.y] && !(draw.behind && row[draw.behind])),
    summary(rows) {
      const total = rows.reduce((sum, row) => sum + amountOf(row), 0)
      const [highest] = rows.toSorted((one, other) => amountOf(other) - amountOf(one))
      if (!highest) return ''
      const unit = UNITS[draw.unit]
      return `${formatCount(Math.round(total), unit)} in all, most for ${labelOf(highest)}: ${formatCount(amountOf(highest), unit)}.`
    },
    columns: () => [
      { header: draw.labels[0]?.toUpperCase() + draw.labels.slice(1), cell: labelOf },
      {
        header: draw.unit === 'minutes' ? 'Minutes' : 'Plays',
        numeric: true,
        cell: (row) => formatNumber(amountOf(row)),
      },
      ...(draw.behind
        ? [
            {
              header: 'Compared',
              numeric: true,
              cell: (row: ChartRow) => {
                const value = row[String(draw.behind)]
                return typeof value === 'number' ? formatNumber(value) : ''
              },
            },
          ]
        : []),
    ],
    placeholder: () => <Placeholder height={PLOT_HEIGHT} />,
  }
}
