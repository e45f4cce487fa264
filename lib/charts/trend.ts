import { z } from 'zod'
import { addDays, countDays } from '#lib/core/period.ts'
import { AGG_DAYS } from '#lib/models/tables.ts'
import { defineChart } from './chart.ts'

const WEEK = 7

/** Longer periods have a point a week: more points could not be told apart. */
const MAX_DAYS = 190

/** Listening of the last seven calendar days, day by day, against the seven days before. */
export const trend = defineChart({
  title: 'Trend',
  empty: 'No plays in this period.',
  note: 'Minutes a day.',
  params: z.object({}),
  period: true,
  tables: () => [AGG_DAYS],
  sql({ table, period }) {
    const { from, to } = period
    const step = countDays(period) > MAX_DAYS ? WEEK : 1
    // Days without plays have rows too, so seven rows are seven days.
    const rolling = `sum(ms_played) over (order by day rows between ${WEEK - 1} preceding and current row)`
    const known = `count(*) over (order by day rows between ${WEEK - 1} preceding and current row)`
    return {
      text: `select day, ${step === 1 ? 'round(ms_played / 60000.0)' : 'null'} as minutes,
          round(rolling / 60000.0 / ${WEEK}, 1) as average,
          round(rolling / 60000.0) as rolling_minutes, round(previous / 60000.0) as previous_minutes,
          round((rolling - previous) / 60000.0) as change,
          round(100.0 * (rolling - previous) / nullif(previous, 0), 1) as percent
        from (
          select day, ms_played, rolling, lag(rolling, ${WEEK}) over (order by day) as previous
          from (
            select day, ms_played, case when ${known} = ${WEEK} then ${rolling} end as rolling
            from ${table(AGG_DAYS)} where day >= cast(? as date) and day <= cast(? as date)
          ) sums
        ) compared
        where day >= cast(? as date) and mod(cast(? as date) - day, ${step}) = 0 order by day`,
      values: [addDays(from, 1 - 2 * WEEK), to, from, to],
    }
  },
  row: z.object({
    day: z.string(),
    /** Of the day alone; null where points are a week apart. */
    minutes: z.number().nullable(),
    /** Minutes a day over the seven days up to this one; null as long as fewer days are known. */
    average: z.number().nullable(),
    rolling_minutes: z.number().nullable(),
    /** Of the seven days before these. */
    previous_minutes: z.number().nullable(),
    change: z.number().nullable(),
    /** Change in percent; null without minutes before. */
    percent: z.number().nullable(),
  }),
  draw: { as: 'trend' },
})
