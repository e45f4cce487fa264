import { z } from 'zod'
import { countDays, type DateRange } from '#lib/core/period.ts'
import { AGG_DAYS, FCT_PLAYS } from '#lib/models/tables.ts'
import { ABOUT_TABLES, isAbout, MUSIC } from './about.ts'
import { defineChart, type QueryContext } from './chart.ts'

/** More bars are not readable on a phone. */
const MAX_DAYS = 92
const MAX_WEEKS = 2 * 366

/** How many days each bar stands for: one, a week, or about a month. */
function daysPerBar(period: DateRange): number {
  const days = countDays(period)
  if (days <= MAX_DAYS) return 1
  return days <= MAX_WEEKS ? 7 : 30
}

/** Every day of a range with its plays, as a relation. */
function daysOf(context: QueryContext, { from, to }: DateRange) {
  const { table, subject } = context
  const range = 'day >= cast(? as date) and day <= cast(? as date)'
  if (!subject)
    return { text: `(select day, plays, ms_played from ${table(AGG_DAYS)} where ${range}) days`, values: [from, to] }
  const about = isAbout(context)
  return {
    text: `(select c.day, coalesce(p.plays, 0) as plays, coalesce(p.ms_played, 0) as ms_played
      from (select day from ${table(AGG_DAYS)} where ${range}) c
      left join (select day, count(*) as plays, sum(ms_played) as ms_played from ${table(FCT_PLAYS)}
        where counts and ${range} ${about.text} group by day) p on p.day = c.day) days`,
    values: [from, to, from, to, ...about.values],
  }
}

/** Bars count from the start of their period, so that those of two periods lie behind each other. */
export const minutesPerDay = defineChart({
  title: 'Minutes listened',
  empty: 'No plays in this period.',
  params: z.object({}),
  period: true,
  mayBeAbout: MUSIC,
  tables: () => [AGG_DAYS, FCT_PLAYS, ...ABOUT_TABLES],
  sql(context) {
    const { period, compared } = context
    const step = daysPerBar(period)
    const bars = (range: DateRange) => {
      const days = daysOf(context, range)
      return {
        text: `select cast(floor((day - cast(? as date)) / ${step}) as integer) as bar, min(day) as first_day,
            max(day) as last_day, sum(plays) as plays, sum(ms_played) as ms
          from ${days.text} group by 1`,
        values: [range.from, ...days.values],
      }
    }
    const now = bars(period)
    const before = compared && bars(compared)
    return {
      text: `select n.first_day as day, n.last_day, n.plays, round(n.ms / 60000.0) as minutes,
          ${before ? 'b.first_day' : 'null'} as compared_day, ${before ? 'round(b.ms / 60000.0)' : 'null'} as compared_minutes
        from (${now.text}) n ${before ? `left join (${before.text}) b on b.bar = n.bar` : ''}
        order by n.first_day`,
      values: [...now.values, ...(before?.values ?? [])],
    }
  },
  row: z.object({
    day: z.string(),
    /** The last day that the bar stands for. */
    last_day: z.string(),
    plays: z.number(),
    minutes: z.number(),
    compared_day: z.string().nullable(),
    compared_minutes: z.number().nullable(),
  }),
  draw: { as: 'bars', x: 'day', y: 'minutes', behind: 'compared_minutes', unit: 'minutes', labels: 'day' },
})
