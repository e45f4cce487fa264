import { z } from 'zod'
import { addDays, dayIn } from '#lib/core/period.ts'
import { AGG_DAYS } from '#lib/models/tables.ts'
import { defineChart } from './chart.ts'

/** Runs of days with plays: the day minus its position among them is the same for all days of a run. */
const runsOf = (days: string) => `select min(day) as first_day, max(day) as last_day, count(*) as days
  from (select day, day - cast(row_number() over (order by day) as integer) as run from ${days} and plays > 0) numbered group by run`

/** The streak that is still going on, and the longest of the period. */
export const streaks = defineChart({
  title: 'Streaks',
  empty: 'No plays in this period.',
  note: 'Days in a row with at least one play.',
  params: z.object({}),
  period: true,
  tables: () => [AGG_DAYS],
  sql({ table, period: { from, to }, zone, now }) {
    const days = `${table(AGG_DAYS)} where day >= cast(? as date) and day <= cast(? as date)`
    const today = dayIn(zone, now)
    return {
      text: `select 'current' as name, days, first_day, last_day
          from (${runsOf(`${table(AGG_DAYS)} where day <= cast(? as date)`)}) runs where last_day >= cast(? as date)
        union all
        select 'longest' as name, days, first_day, last_day
          from (select * from (${runsOf(days)}) runs order by days desc, last_day desc limit 1) best`,
      // Today isn't over: a streak up to yesterday can still go on.
      values: [today, addDays(today, -1), from, to],
    }
  },
  row: z.object({
    name: z.enum(['current', 'longest']),
    days: z.number(),
    first_day: z.string(),
    last_day: z.string(),
  }),
  draw: { as: 'streaks' },
})
