import dynamic from 'next/dynamic'
import { formatNumber } from '#app/_ui/format.ts'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import type { GenreShareRow } from '#lib/charts/chart.ts'
import type { DrawingKind } from './drawing.ts'
import { percentOf, seriesOf, stepName } from './genre-series.ts'

type Row = GenreShareRow & Record<string, unknown>

const PLOT_HEIGHT = 260
const LEGEND_HEIGHT = 52

const GenreSharesPlot = dynamic(() => import('./bar-plots.ts').then((module) => module.GenreSharesPlot), {
  ssr: false,
  loading: () => <Placeholder height={PLOT_HEIGHT + LEGEND_HEIGHT} />,
})

/** Bars of 100% for each month or year, divided by genre. */
export const genreShares: DrawingKind<Row> = {
  picture: (rows) => <GenreSharesPlot rows={rows} height={PLOT_HEIGHT} />,
  summary(rows) {
    const [first] = rows
    const last = rows.at(-1)
    if (!first || !last) return ''
    const mainOf = (since: string) =>
      rows.filter((row) => row.since === since && row.genre).toSorted((a, b) => b.plays - a.plays)[0]
    const parts = [first.since, last.since]
      .filter((since, at, all) => all.indexOf(since) === at)
      .map((since) => {
        const main = mainOf(since)
        return main ? `${stepName(main)}: mostly ${main.genre} (${percentOf(main.share ?? 0)})` : ''
      })
    return `${parts.filter(Boolean).join('. ')}.`
  },
  columns: (rows) => {
    const names = new Map(seriesOf(rows).map(({ place, name }) => [place, name]))
    return [
      { header: rows[0]?.step === 'year' ? 'Year' : 'Month', cell: stepName },
      { header: 'Genre', cell: ({ place }) => names.get(place) ?? '' },
      { header: 'Plays', numeric: true, cell: ({ plays }) => formatNumber(plays) },
      { header: 'Share', numeric: true, cell: ({ share }) => (share === null ? '' : percentOf(share)) },
    ]
  },
  placeholder: () => <Placeholder height={PLOT_HEIGHT + LEGEND_HEIGHT} />,
}
