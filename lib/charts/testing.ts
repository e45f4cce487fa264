import { addDays, dayIn } from '#lib/core/period.ts'
import type { QueryContext } from './chart.ts'

/** A context for tests: the 28 days up to `now`, and the first page. */
export function contextAt(now: Date, more: Pick<QueryContext, 'table'> & Partial<QueryContext>): QueryContext {
  const zone = more.zone ?? 'UTC'
  const today = dayIn(zone, now)
  return {
    has: () => true,
    zone,
    weekStart: 1,
    now,
    period: { from: addDays(today, -27), to: today },
    compared: null,
    subject: null,
    about: '',
    page: { limit: 51, offset: 0, after: null, sort: '', search: '' },
    ...more,
  }
}
