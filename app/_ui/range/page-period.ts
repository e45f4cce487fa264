import { type SearchParams, searchParam } from '#app/search-params.ts'
import {
  type Calendar,
  calendarOf,
  type DateRange,
  PERIOD_PARAMS,
  type Period,
  type PeriodParams,
  type PeriodSelection,
  paramsOf,
  readSelection,
  resolveComparison,
  resolvePeriod,
} from '#lib/core/period.ts'

/** What pages show unless they say otherwise. */
export const USUAL_PERIOD: PeriodSelection = { period: '28d', compare: 'previous' }

interface PagePeriod {
  /** For `PeriodProvider`. */
  range: { calendar: Calendar; defaults: PeriodSelection }
  /** Query parameters of the page's first requests, as `usePeriod` has them in the browser. */
  query: PeriodParams
  period: Period
  compared: DateRange | null
}

/**
 * The period in a page's address, on the server. What is invalid falls back to the default; the range control says so.
 * @param firstDay day of the listener's first play; null if there is none
 */
export async function pagePeriod(
  searchParams: SearchParams,
  listener: { zone: string | null; weekStart: number },
  firstDay: string | null,
  defaults = USUAL_PERIOD,
): Promise<PagePeriod> {
  const calendar = calendarOf(listener, firstDay)
  const params: PeriodParams = {}
  for (const name of PERIOD_PARAMS) params[name] = await searchParam(searchParams, name)
  const { selection } = readSelection(params, calendar, defaults)
  const period = resolvePeriod(selection.period, calendar)
  return {
    range: { calendar, defaults },
    query: paramsOf(selection),
    period,
    compared: resolveComparison(period, selection.compare, calendar),
  }
}
