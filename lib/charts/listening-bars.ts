import { z } from 'zod'
import { countDays } from '#lib/core/period.ts'
import type { TableName } from '#lib/core/table.ts'
import { AGG_DAY_HOURS, AGG_DAYS, FCT_PLAYS } from '#lib/models/tables.ts'
import { ABOUT_TABLES, isAbout, MUSIC } from './about.ts'
import { firstDayOfWeek, weekdayOf } from './calendar-sql.ts'
import { type BarLabels, defineChart, type QueryContext } from './chart.ts'

/** How plays are distributed over weekdays, hours, days of the month, weeks, months and years. */

const EMPTY = 'No plays in this period.'

const counted = { plays: z.number(), minutes: z.number() }

/** Totals by the value of an expression over `day` or `hour`. */
const totals = (
  table: string,
  expression: string,
) => `select ${expression} as value, sum(plays) as plays, sum(ms_played) as ms
      from ${table} where day >= cast(? as date) and day <= cast(? as date) group by 1`

const amounts = 'coalesce(t.plays, 0) as plays, round(coalesce(t.ms, 0) / 60000.0) as minutes'

interface Bars {
  name: string
  table: TableName
  expression: string
  first: number
  last: number
  order?(context: QueryContext): string
}

/** A bar for each value from the first to the last, also those without plays. */
function everyValue(context: QueryContext, { name, table, expression, first, last, order }: Bars) {
  const { from, to } = context.period
  const values = Array.from({ length: last - first + 1 }, (_, at) => `(${first + at})`).join(', ')
  const about = isAbout(context)
  // The aggregates have no songs, artists or albums, so plays of one of them are counted themselves.
  const counted = context.subject
    ? `(select day, hour, 1 as plays, ms_played from ${context.table(FCT_PLAYS)} where counts ${about.text}) plays`
    : context.table(table)
  return {
    text: `select v.value as ${name}, ${amounts}
      from (values ${values}) as v(value) left join (${totals(counted, expression)}) t on t.value = v.value
      order by ${order?.(context) ?? 'v.value'}`,
    values: [...about.values, from, to],
  }
}

const drawn = <Labels extends BarLabels>(labels: Labels) =>
  ({ y: 'plays', unit: 'plays', labels, measured: true }) as const

export const weekdays = defineChart({
  title: 'Weekdays',
  empty: EMPTY,
  params: z.object({}),
  period: true,
  tables: () => [AGG_DAYS],
  sql: (context) =>
    everyValue(context, {
      name: 'weekday',
      table: AGG_DAYS,
      expression: weekdayOf('day'),
      first: 1,
      last: 7,
      order: ({ weekStart }) => `mod(v.value - ${weekStart} + 7, 7)`,
    }),
  row: z.object({ weekday: z.number(), ...counted }),
  draw: { as: 'bars', x: 'weekday', ...drawn('weekday') },
})

export const hours = defineChart({
  title: 'Hours of the day',
  empty: EMPTY,
  params: z.object({}),
  period: true,
  mayBeAbout: MUSIC,
  tables: () => [AGG_DAY_HOURS, FCT_PLAYS, ...ABOUT_TABLES],
  sql: (context) => everyValue(context, { name: 'hour', table: AGG_DAY_HOURS, expression: 'hour', first: 0, last: 23 }),
  row: z.object({ hour: z.number(), ...counted }),
  draw: { as: 'bars', x: 'hour', ...drawn('hour') },
})

export const daysOfMonth = defineChart({
  title: 'Days of the month',
  empty: EMPTY,
  params: z.object({}),
  period: true,
  tables: () => [AGG_DAYS],
  sql: (context) =>
    everyValue(context, {
      name: 'day_of_month',
      table: AGG_DAYS,
      expression: 'extract(day from day)',
      first: 1,
      last: 31,
    }),
  row: z.object({ day_of_month: z.number(), ...counted }),
  draw: { as: 'bars', x: 'day_of_month', ...drawn('day of month') },
})

export const months = defineChart({
  title: 'Months of the year',
  empty: EMPTY,
  params: z.object({}),
  period: true,
  tables: () => [AGG_DAYS],
  sql: (context) =>
    everyValue(context, { name: 'month', table: AGG_DAYS, expression: 'extract(month from day)', first: 1, last: 12 }),
  row: z.object({ month: z.number(), ...counted }),
  draw: { as: 'bars', x: 'month', ...drawn('month') },
})

/** Periods that are shorter have no week twice. */
const A_YEAR = 51 * 7

export const weeks = defineChart({
  title: 'Weeks of the year',
  empty: EMPTY,
  params: z.object({}),
  period: true,
  tables: () => [AGG_DAYS],
  sql({ table, period, weekStart }) {
    // As in ISO 8601, a week belongs to the year that most of its days are in, so its middle day decides.
    const middle = `${firstDayOfWeek('day', weekStart)} + 3`
    const { from, to } = period
    return {
      text: `select cast(floor((dayofyear(middle) - 1) / 7) as integer) + 1 as week,
          sum(plays) as plays, round(sum(ms_played) / 60000.0) as minutes
        from (select ${middle} as middle, plays, ms_played from ${table(AGG_DAYS)}
          where day >= cast(? as date) and day <= cast(? as date)) days
        group by 1 order by ${countDays(period) < A_YEAR ? 'min(middle)' : 'week'}`,
      values: [from, to],
    }
  },
  row: z.object({ week: z.number(), ...counted }),
  draw: { as: 'bars', x: 'week', ...drawn('week') },
})

export const years = defineChart({
  title: 'Years',
  empty: EMPTY,
  params: z.object({}),
  period: true,
  tables: () => [AGG_DAYS],
  sql: ({ table, period: { from, to } }) => ({
    // Days without plays have rows, so no year is missing.
    text: `select t.value as year, ${amounts} from (${totals(table(AGG_DAYS), 'extract(year from day)')}) t order by year`,
    values: [from, to],
  }),
  row: z.object({ year: z.number(), ...counted }),
  draw: { as: 'bars', x: 'year', ...drawn('year') },
})

export const hourOfWeek = defineChart({
  title: 'Hours of the week',
  empty: EMPTY,
  params: z.object({}),
  period: true,
  tables: () => [AGG_DAY_HOURS],
  sql({ table, period: { from, to }, weekStart }) {
    const numbers = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, at) => `(${first + at})`).join(', ')
    return {
      text: `select w.weekday, h.hour, ${amounts}
        from (values ${numbers(1, 7)}) as w(weekday) cross join (values ${numbers(0, 23)}) as h(hour)
        left join (
          select ${weekdayOf('day')} as weekday, hour, sum(plays) as plays, sum(ms_played) as ms
          from ${table(AGG_DAY_HOURS)} where day >= cast(? as date) and day <= cast(? as date) group by 1, 2
        ) t on t.weekday = w.weekday and t.hour = h.hour
        order by mod(w.weekday - ${weekStart} + 7, 7), h.hour`,
      values: [from, to],
    }
  },
  row: z.object({ weekday: z.number(), hour: z.number(), ...counted }),
  draw: { as: 'week hours', unit: 'plays' },
})
