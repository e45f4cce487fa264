import { formatMonth, formatNumber } from '#app/_ui/format.ts'
import type { GenreShareRow } from '#lib/charts/chart.ts'

export interface GenreSeries extends Pick<GenreShareRow, 'kind' | 'place'> {
  name: string
}

const NAMES = { other: 'Other genres', none: 'No genre' }

/** What the rows are divided by: the most played genres, then other genres and none. */
export function seriesOf(rows: GenreShareRow[]): GenreSeries[] {
  const byPlace = new Map(rows.map((row) => [row.place, row]))
  return [...byPlace.values()]
    .sort((one, other) => one.place - other.place)
    .map(({ kind, place, genre }) => ({ kind, place, name: kind === 'genre' ? (genre ?? '') : NAMES[kind] }))
}

export const stepName = ({ since, step }: Pick<GenreShareRow, 'since' | 'step'>) =>
  step === 'year' ? since.slice(0, 4) : formatMonth(since)

/** How many of the plays of one month or year have a genre, percent. */
export function coveredIn(rows: GenreShareRow[]): number {
  const sum = (counted: GenreShareRow[]) => counted.reduce((all, { plays }) => all + plays, 0)
  return (100 * sum(rows.filter(({ kind }) => kind !== 'none'))) / sum(rows)
}

export const percentOf = (share: number) => `${formatNumber(Math.round(share))}%`
