import dynamic from 'next/dynamic'
import { formatMonth, formatNumber } from '#app/_ui/format.ts'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import type { MonthChangesRow } from '#lib/charts/chart.ts'
import type { DrawingKind } from './drawing.ts'

const PLOT_HEIGHT = 200

// The chart library is large, so it loads only on pages with drawings of it. The placeholder reserves its space.
const MonthChangesPlot = dynamic(() => import('./month-changes-plot.tsx').then((module) => module.MonthChangesPlot), {
  ssr: false,
  loading: () => <Placeholder height={PLOT_HEIGHT} />,
})

/** A bar up for what each month added, and one down for what it removed. */
export const monthChanges: DrawingKind<MonthChangesRow> = {
  picture: (rows) => <MonthChangesPlot rows={rows} height={PLOT_HEIGHT} />,
  summary(rows) {
    const sum = (field: 'added' | 'removed') => formatNumber(rows.reduce((total, row) => total + row[field], 0))
    const first = rows[0] ? ` since ${formatMonth(rows[0].month)}` : ''
    return `${sum('added')} added and ${sum('removed')} removed${first}.`
  },
  columns: () => [
    { header: 'Month', cell: ({ month }) => formatMonth(month) },
    { header: 'Added', numeric: true, cell: ({ added }) => formatNumber(added) },
    { header: 'Removed', numeric: true, cell: ({ removed }) => formatNumber(removed) },
  ],
  placeholder: () => <Placeholder height={PLOT_HEIGHT} />,
}
