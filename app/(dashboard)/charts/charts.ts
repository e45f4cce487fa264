import type { ChartName } from '#lib/api/client.ts'

export const EDITIONS = ['chart-editions'] as const satisfies ChartName[]
export const CHARTS = ['global-charts', 'global-chart-lines'] as const satisfies ChartName[]

/** What a chart can be a copy of. */
export const PLAYLIST_CHOICES = ['playlists'] as const satisfies ChartName[]

/** What rank lines show, the default first. */
export const LINES = [
  { value: 'top', label: 'Top 10' },
  { value: 'played', label: 'Songs you play' },
] as const

/** A chart of one day. */
interface Edition {
  chart: string
  day: string
}

/** All imported charts, and the one selected by the address: its newest day up to the one in the address. */
export interface Selection {
  /** By their names. */
  charts: string[]
  /** Of the chosen chart, newest first. */
  days: string[]
  chart: string | undefined
  day: string | undefined
}

/** @param editions newest first */
export function selectionOf(editions: Edition[], requested: { chart?: string | null; day?: string | null }): Selection {
  const charts = [...new Set(editions.map(({ chart }) => chart))]
  const chart = charts.find((one) => one === requested.chart) ?? charts[0]
  const days = editions.filter((edition) => edition.chart === chart).map(({ day }) => day)
  const latest = requested.day
  const day = (latest ? days.find((one) => one <= latest) : undefined) ?? days[0]
  return { charts: charts.toSorted(), days, chart, day }
}

/** The parameters of the charts of a page. */
export function paramsOf(
  { chart, day }: Pick<Selection, 'chart' | 'day'>,
  lines: string | null | undefined,
  list: Record<string, string | undefined>,
): Record<string, string | undefined> {
  const songs = LINES.find(({ value }) => value === lines)?.value ?? LINES[0].value
  return { chart, from: day, to: day, songs, ...list }
}
