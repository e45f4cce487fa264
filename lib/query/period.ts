import type { PeriodQuery } from '#lib/api/period.ts'
import { Refused } from '#lib/core/errors.ts'
import {
  type Calendar,
  type DateRange,
  type Period,
  type PeriodSelection,
  readSelection,
  resolveComparison,
  resolvePeriod,
} from '#lib/core/period.ts'

/** What the API assumes if a request names no period. */
const DEFAULTS: PeriodSelection = { period: '28d', compare: 'none' }

/**
 * The days that a request is about, and those to compare with.
 * @param defaults for what the request doesn't say
 * @throws Refused 400 for days that don't exist, are in the future or out of order, and for contradicting parameters
 */
export function resolveQuery(
  query: PeriodQuery,
  calendar: Calendar,
  defaults = DEFAULTS,
): { period: Period; compared: DateRange | null } {
  const { selection, problems } = readSelection(query, calendar, defaults)
  const [problem] = problems
  if (problem) {
    const fields = Object.fromEntries(problems.map(({ param, message }) => [param, message]))
    throw new Refused(400, 'wrong-parameter', problem.message, problem.remedy, fields)
  }
  const period = resolvePeriod(selection.period, calendar)
  return { period, compared: resolveComparison(period, selection.compare, calendar) }
}
