import { z } from 'zod'
import type { DateRange } from '#lib/core/period.ts'
import type { Cell } from '#lib/core/table.ts'
import { AGG_DAYS, FCT_PLAYS } from '#lib/models/tables.ts'
import { defineChart, type QueryContext } from './chart.ts'

const OVERVIEW = ['plays', 'minutes', 'songs', 'artists', 'new artists', 'streak'] as const

/** Figures that count how many different songs, artists or albums were played, with their keys. */
const DISTINCT = { songs: 'track_key', artists: 'artist_key', albums: 'album_key' } as const

/** Everything that can be counted in a period. */
type FigureName = 'plays' | 'minutes' | 'days' | keyof typeof DISTINCT | 'new artists' | 'streak'

interface Part {
  text: string
  values: Cell[]
}

/** All figures of one range as one row. */
function figuresOf({ table }: QueryContext, names: readonly FigureName[], { from, to }: DateRange): Part {
  const days = `${table(AGG_DAYS)} where day >= cast(? as date) and day <= cast(? as date)`
  const plays = `${table(FCT_PLAYS)} where counts and day >= cast(? as date) and day <= cast(? as date)`
  const distinct = Object.entries(DISTINCT)
    .filter(([name]) => names.some((one) => one === name))
    .map(([name, key]) => `count(distinct ${key}) as ${name}`)
  // A streak is a run of days with plays: the day minus its position among them is the same for all of its days.
  const streak = `select coalesce(max(length), 0) as length from (select count(*) as length from (
      select day, row_number() over (order by day) as place from ${days} and plays > 0) numbered group by day - cast(place as integer)) runs`
  const newArtists = `select count(*) as count from (select min(day) as first_day from ${table(FCT_PLAYS)} where counts
      group by artist_key) firsts where first_day >= cast(? as date) and first_day <= cast(? as date)`
  return {
    text: `select d.plays, d.minutes, d.days, p.*, n.count as new_artists, s.length as streak
      from (select coalesce(sum(plays), 0) as plays, coalesce(round(sum(ms_played) / 60000.0), 0) as minutes,
          coalesce(sum(case when plays > 0 then 1 else 0 end), 0) as days from ${days}) d,
        (select ${distinct.join(', ')} from ${plays}) p,
        (${newArtists}) n, (${streak}) s`,
    values: [from, to, from, to, from, to, from, to],
  }
}

/** A row for each figure of a period, with that of the period that it is compared with. */
export function figuresSql(
  context: QueryContext,
  names: readonly FigureName[],
  { period, compared }: Pick<QueryContext, 'period' | 'compared'> = context,
): Part {
  const now = figuresOf(context, names, period)
  const before = compared && figuresOf(context, names, compared)
  const column = (name: string) => name.replace(' ', '_')
  const cases = (alias: string) =>
    `case f.name ${names.map((name) => `when '${name}' then ${alias}.${column(name)}`).join(' ')} end`
  return {
    text: `with f as (select * from (values ${names.map((name, at) => `(${at}, '${name}')`).join(', ')}) as v(position, name)),
        n as (${now.text}), ${before ? `b as (${before.text}),` : ''}
        k as (select min(day) as first_day from ${context.table(AGG_DAYS)})
      select f.name, ${cases('n')} as value,
        ${before ? `case when k.first_day <= cast(? as date) then ${cases('b')} end` : 'null'} as previous,
        case when k.first_day > cast(? as date) then k.first_day end as since
      from f cross join n ${before ? 'cross join b' : ''} cross join k
      where k.first_day is not null order by f.position`,
    values: [...now.values, ...(before?.values ?? []), ...(compared ? [compared.from] : []), period.from],
  }
}

/** The row of `figuresSql`. */
export const figureRow = <Name extends FigureName>(names: readonly Name[]) =>
  z.object({
    name: z.enum(names),
    value: z.number(),
    /** Null without a comparison, and where the compared period begins before the first play. */
    previous: z.number().nullable(),
    /** The first day with data, if it is within the period. */
    since: z.string().nullable(),
  })

/** Figures about a period, with those of the one it is compared with. */
export const overviewFigures = defineChart({
  title: 'At a glance',
  empty: 'No plays in this period.',
  params: z.object({}),
  period: true,
  tables: () => [AGG_DAYS, FCT_PLAYS],
  sql: (context) => figuresSql(context, OVERVIEW),
  row: figureRow(OVERVIEW),
  draw: { as: 'period figures' },
})
