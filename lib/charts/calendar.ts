import { z } from 'zod'
import { countDays } from '#lib/core/period.ts'
import { AGG_DAYS } from '#lib/models/tables.ts'
import { firstDayOfWeek, numbersBelow, weekdayOf } from './calendar-sql.ts'
import { defineChart } from './chart.ts'

/** The first day of the month eleven months before. */
function yearUpTo(day: string): string {
  const months = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 - 11
  const year = String(Math.floor(months / 12)).padStart(4, '0')
  return `${year}-${String((months % 12) + 1).padStart(2, '0')}-01`
}

/** Every day of the twelve months that end with the period, however short that is. */
export const calendar = defineChart({
  title: 'Calendar',
  empty: 'No plays in these twelve months.',
  note: 'The twelve months that end with the period.',
  params: z.object({}),
  period: true,
  tables: () => [AGG_DAYS],
  sql({ table, period: { to }, weekStart }) {
    const from = yearUpTo(to)
    return {
      text: `select c.day, ${firstDayOfWeek('c.day', weekStart)} as week, ${weekdayOf('c.day')} as weekday,
          a.plays, round(a.ms_played / 60000.0) as minutes
        from (select cast(? as date) + cast(n as integer) as day from ${numbersBelow(countDays({ from, to }))} numbers) c
        left join ${table(AGG_DAYS)} a on a.day = c.day order by c.day`,
      values: [from],
    }
  },
  row: z.object({
    day: z.string(),
    /** The first day of its week. */
    week: z.string(),
    weekday: z.number(),
    /** Null where nothing is known: before the first play, or after the last sync. */
    plays: z.number().nullable(),
    minutes: z.number().nullable(),
  }),
  draw: { as: 'calendar', unit: 'plays' },
})
