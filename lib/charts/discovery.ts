import { z } from 'zod'
import { AGG_DAYS, FCT_PLAYS } from '#lib/models/tables.ts'
import { defineChart } from './chart.ts'

/** Songs and artists that were played for the first time, by month. */
export const discovery = defineChart({
  title: 'Discovery',
  empty: 'No plays in this period.',
  note: 'Songs and artists that you played for the first time.',
  params: z.object({}),
  period: true,
  tables: () => [AGG_DAYS, FCT_PLAYS],
  sql({ table, period: { from, to } }) {
    const month = (day: string) => `cast(date_trunc('month', ${day}) as date)`
    const firsts = (key: string) => `select ${month('first_day')} as month, count(*) as firsts
      from (select min(day) as first_day from ${table(FCT_PLAYS)} where counts group by ${key}) played
      where first_day >= cast(? as date) and first_day <= cast(? as date) group by 1`
    return {
      text: `select m.month, coalesce(s.firsts, 0) as songs, coalesce(a.firsts, 0) as artists
        from (select distinct ${month('day')} as month from ${table(AGG_DAYS)}
          where day >= cast(? as date) and day <= cast(? as date)) m
        left join (${firsts('track_key')}) s on s.month = m.month
        left join (${firsts('artist_key')}) a on a.month = m.month order by m.month`,
      values: [from, to, from, to, from, to],
    }
  },
  row: z.object({
    /** The first day of the month. */
    month: z.string(),
    songs: z.number(),
    artists: z.number(),
  }),
  draw: {
    as: 'month bars',
    x: 'month',
    series: [
      { field: 'songs', name: 'New songs' },
      { field: 'artists', name: 'New artists' },
    ],
  },
})
