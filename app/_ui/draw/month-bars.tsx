import dynamic from 'next/dynamic'
import { formatMonth, formatNumber } from '#app/_ui/format.ts'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import type { MonthBars } from './bar-labels.ts'
import type { ChartRow, DrawingKind } from './drawing.ts'

const PLOT_HEIGHT = 240
const LEGEND_HEIGHT = 30

const MonthBarsPlot = dynamic(() => import('./bar-plots.ts').then((module) => module.MonthBarsPlot), {
  ssr: false,
  loading: () => <Placeholder height={PLOT_HEIGHT + LEGEND_HEIGHT} />,
})

/** Several bars for each month. */
export function monthBars(draw: MonthBars): DrawingKind {
  const { x, series } = draw
  const totalOf = (rows: ChartRow[], field: string) => rows.reduce((sum, row) => sum + Number(row[field]), 0)
  return {
    picture: (rows) => <MonthBarsPlot rows={rows} draw={draw} height={PLOT_HEIGHT} />,
    isEmpty: (rows) => series.every(({ field }) => totalOf(rows, field) === 0),
    summary: (rows) =>
      `${series.map(({ field, name }) => `${name}: ${formatNumber(totalOf(rows, field))}`).join('. ')}. By month.`,
    columns: () => [
      { header: 'Month', cell: (row) => formatMonth(String(row[x])) },
      ...series.map(({ field, name }) => ({
        header: name,
        numeric: true,
        cell: (row: ChartRow) => formatNumber(Number(row[field])),
      })),
    ],
    placeholder: () => <Placeholder height={PLOT_HEIGHT + LEGEND_HEIGHT} />,
  }
}
