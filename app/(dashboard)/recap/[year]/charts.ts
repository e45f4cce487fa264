import type { ChartName } from '#lib/api/client.ts'
import type { DateRange } from '#lib/core/period.ts'

/** The charts of the page, in two requests. */
export const YEAR_CHARTS = [
  'recap',
  'recap-months',
  'recap-moments',
  'recap-new-artists',
  'recap-years',
  'hours',
] as const satisfies ChartName[]
export const LIST_CHARTS = ['top-songs', 'top-artists-played', 'top-albums'] as const satisfies ChartName[]

export const LIST_LENGTH = 10

/** The parameters of both requests. @param days those of the year, up to today */
export function queriesOf(year: string, { from, to }: DateRange) {
  return {
    year: { year, from, to },
    lists: { from, to, compare: 'last-year', limit: String(LIST_LENGTH) },
  }
}
