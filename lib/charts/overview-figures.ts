import { z } from 'zod'
import type { DateRange } from '#lib/core/period.ts'
import type { Cell } from '#lib/core/table.ts'
import { AGG_DAYS, DIM_ARTISTS, FCT_PLAYS } from '#lib/models/tables.ts'
import { defineChart, type QueryContext } from './chart.ts'

const NAMES = ['plays', 'minutes', 'songs', 'artists', 'new artists', 'streak'] as const

interface Part {
  text: string
  values: Cell[]
}

/** All figures of one range as one row. */
function figuresOf({ table, zone: _ }: QueryContext, { from, to }: DateRange): Part {
  const days = `${table(AGG_DAYS)} where day >= cast(? as date) and day <= cast(? as date)`
  const plays = `${table(FCT_PLAYS)} where counts and day >= cast(? as date) and day <= cast(? as date)`
  // A streak is a run of days with plays: the day minus its position among them is the same for all of its days.
  const streak = `select coalesce(max(length), 0) as length from (select count(*) as length from (
      select day, row_number() over (order by day) as place from ${days} and plays > 0) numbered group by day - cast(place as integer)) runs`
  const newArtists = `select count(*) as count from (select min(day) as first_day from ${table(FCT_PLAYS)} where counts
      group by artist_key) firsts where first_day >= cast(? as date) and first_day <= cast(? as date)`
  return {
    text: `select d.plays, d.minutes, p.songs, p.artists, n.count as new_artists, s.length as streak
      from (select coalesce(sum(plays), 0) as plays, coalesce(round(sum(ms_played) / 60000.0), 0) as minutes from ${days}) d,
        (select count(distinct track_key) as songs, count(distinct artist_key) as artists from ${plays}) p,
        (${newArtists}) n, (${streak}) s`,
    values: [from, to, from, to, from, to, from, to],
  }
}

/** Figures about a period, with those of the one it is compared with. */
export const overviewFigures = defineChart({
  title: 'At a glance',
  empty: 'No plays in this period.',
  params: z.object({}),
  period: true,
  tables: () => [AGG_DAYS, FCT_PLAYS, DIM_ARTISTS],
  sql(context) {
    const { table, period, compared } = context
    const now = figuresOf(context, period)
    const before = compared && figuresOf(context, compared)
    const column = (name: string) => name.replace(' ', '_')
    const cases = (alias: string) =>
      `case f.name ${NAMES.map((name) => `when '${name}' then ${alias}.${column(name)}`).join(' ')} end`
    return {
      text: `with f(position, name) as (values ${NAMES.map((name, at) => `(${at}, '${name}')`).join(', ')}),
          n as (${now.text}), ${before ? `b as (${before.text}),` : ''}
          k as (select min(day) as first_day from ${table(AGG_DAYS)})
        select f.name, ${cases('n')} as value,
          ${before ? `case when k.first_day <= cast(? as date) then ${cases('b')} end` : 'null'} as previous,
          case when k.first_day > cast(? as date) then k.first_day end as since
        from f cross join n ${before ? 'cross join b' : ''} cross join k
        where k.first_day is not null order by f.position`,
      values: [...now.values, ...(before?.values ?? []), ...(compared ? [compared.from] : []), period.from],
    }
  },
  row: z.object({
    name: z.enum(NAMES),
    value: z.number(),
    /** Null without a comparison, and where the compared period begins before the first play. */
    previous: z.number().nullable(),
    /** The first day with data, if it is within the period. */
    since: z.string().nullable(),
  }),
  draw: { as: 'period figures' },
})
