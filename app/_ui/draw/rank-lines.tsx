import dynamic from 'next/dynamic'
import { formatCount, formatDay } from '#app/_ui/format.ts'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import type { DrawingKind } from './drawing.ts'
import { labelOf, linesOf, type RankLines } from './lines.ts'

const PLOT_HEIGHT = 280
const LEGEND_HEIGHT = 56

// The chart library is large, so it loads only on pages with lines. The placeholder reserves its space.
const RankLinesPlot = dynamic(() => import('./rank-lines-plot.tsx').then((module) => module.RankLinesPlot), {
  ssr: false,
  loading: () => <Placeholder height={PLOT_HEIGHT + LEGEND_HEIGHT} />,
})

/** Ranks over time, one line per leader, best rank at the top. */
export function rankLines(draw: RankLines): DrawingKind {
  return {
    picture: (rows) => <RankLinesPlot lines={linesOf(rows, draw)} height={PLOT_HEIGHT} />,
    summary: (rows) => {
      const { days, lines } = linesOf(rows, draw)
      const [leader] = lines
      const [first] = days
      if (!leader || !first) return ''
      return `Ranks of the top ${lines.length} over ${formatCount(days.length, 'day')} since ${formatDay(first)}. ${leader.name} is in the lead.`
    },
    columns: () => [
      { header: 'Day', cell: (row) => formatDay(String(row[draw.x])) },
      { header: 'Rank', numeric: true, cell: (row) => Number(row[draw.y]) },
      { header: 'Name', cell: (row) => labelOf(row, draw.series) },
    ],
    placeholder: () => <Placeholder height={PLOT_HEIGHT + LEGEND_HEIGHT} />,
  }
}
