import { z } from 'zod'
import { calendarOf, type DateRange, daysOfYear, resolveComparison } from '#lib/core/period.ts'
import type { Cell } from '#lib/core/table.ts'
import { AGG_DAYS, DIM_ALBUMS, DIM_ARTISTS, DIM_TRACKS, FCT_PLAYS, FCT_SESSIONS } from '#lib/models/tables.ts'
import { defineChart, type QueryContext } from './chart.ts'
import { Link } from './link.ts'
import { figureRow, figuresSql } from './overview-figures.ts'

/** A listener's year. Its lists, months and hours are those of other charts, for the days of the year. */

const FIGURES = ['plays', 'minutes', 'days', 'songs', 'artists', 'albums', 'new artists', 'streak'] as const

const EMPTY = 'No plays in this year.'
const NEW_ARTISTS = 10

/** The days of the year that the chart is about, up to today. */
function yearOf({ about, zone, now }: QueryContext): DateRange {
  return daysOfYear(about, calendarOf({ zone, weekStart: 1 }, null, now))
}

/** The same days of the year before. */
function yearBefore(context: QueryContext): DateRange | null {
  const { zone, now } = context
  return resolveComparison(
    { preset: null, ...yearOf(context) },
    'last-year',
    calendarOf({ zone, weekStart: 1 }, null, now),
  )
}

/** The figures of a year against the year before, or against the same days of it while the year is running. */
export const recap = defineChart({
  title: 'The year in figures',
  empty: EMPTY,
  params: z.object({}),
  about: ['year'],
  tables: () => [AGG_DAYS, FCT_PLAYS],
  sql: (context) => figuresSql(context, FIGURES, { period: yearOf(context), compared: yearBefore(context) }),
  row: figureRow(FIGURES),
  draw: { as: 'period figures' },
})

/** All years from the first to the last play, around the one that is looked at. */
export const recapYears = defineChart({
  title: 'Your years',
  empty: 'No plays yet.',
  params: z.object({}),
  about: ['year'],
  tables: () => [AGG_DAYS],
  sql: ({ table }) => ({
    text: `select extract(year from day) as year, sum(plays) as plays, round(sum(ms_played) / 60000.0) as minutes
      from ${table(AGG_DAYS)} group by 1 order by 1`,
    values: [],
  }),
  row: z.object({ year: z.number(), plays: z.number(), minutes: z.number() }),
  draw: { as: 'bars', x: 'year', y: 'minutes', unit: 'minutes', labels: 'year' },
})

/** The twelve months of a year. */
export const recapMonths = defineChart({
  title: 'Month by month',
  empty: EMPTY,
  params: z.object({}),
  about: ['year'],
  tables: () => [AGG_DAYS],
  sql(context) {
    const { from, to } = yearOf(context)
    const months = Array.from({ length: 12 }, (_, at) => `('${from.slice(0, 5)}${String(at + 1).padStart(2, '0')}-01')`)
    return {
      text: `select m.month, d.plays, round(d.ms / 60000.0) as minutes, d.first_day, d.last_day
        from (select cast(first_day as date) as month from (values ${months.join(', ')}) as f(first_day)) m
        left join (
          select cast(date_trunc('month', day) as date) as month, sum(plays) as plays, sum(ms_played) as ms,
            min(day) as first_day, max(day) as last_day
          from ${context.table(AGG_DAYS)} where day >= cast(? as date) and day <= cast(? as date) group by 1
        ) d on d.month = m.month order by m.month`,
      values: [from, to],
    }
  },
  row: z.object({
    /** The first day of the month. */
    month: z.string(),
    /** Null where nothing is known: before the first play, or in the future. */
    plays: z.number().nullable(),
    minutes: z.number().nullable(),
    /** The days that are known. */
    first_day: z.string().nullable(),
    last_day: z.string().nullable(),
  }),
  draw: { as: 'year months' },
})

const MOMENTS = ['first song', 'busiest day', 'on repeat', 'longest session', 'longest streak', 'last song'] as const

/** What a moment may have, with the types of columns that it hasn't. */
const MOMENT_COLUMNS = {
  started_at: 'timestamp',
  ended_at: 'timestamp',
  first_day: 'date',
  last_day: 'date',
  days: 'integer',
  plays: 'integer',
  ms: 'bigint',
  track_key: 'integer',
} as const

interface Moment {
  columns: Partial<Record<keyof typeof MOMENT_COLUMNS, string>>
  /** What follows "from". */
  source: string
  order: string
  values: Cell[]
}

/** Each moment is the first row of one table. */
function momentsOf({ table }: QueryContext, { from, to }: DateRange): Record<(typeof MOMENTS)[number], Moment> {
  const within = 'day >= cast(? as date) and day <= cast(? as date)'
  const values = [from, to]
  const song = { started_at: 'played_at', first_day: 'day', last_day: 'day', plays: '1', track_key: 'track_key' }
  const plays = `${table(FCT_PLAYS)} where counts and track_key is not null and ${within}`
  const streaks = `(select min(day) as first_day, max(day) as last_day, count(*) as days, sum(plays) as plays, sum(ms_played) as ms_played
      from (select day, plays, ms_played, day - cast(row_number() over (order by day) as integer) as run
        from ${table(AGG_DAYS)} where ${within} and plays > 0) numbered group by run) runs`
  return {
    'first song': { columns: song, source: plays, order: 'played_at, track_key', values },
    'last song': { columns: song, source: plays, order: 'played_at desc, track_key', values },
    'busiest day': {
      columns: { first_day: 'day', last_day: 'day', plays: 'plays', ms: 'ms_played' },
      source: `${table(AGG_DAYS)} where ${within} and plays > 0`,
      order: 'ms_played desc, day',
      values,
    },
    'on repeat': {
      columns: { first_day: 'day', last_day: 'day', plays: 'plays', ms: 'ms_played', track_key: 'track_key' },
      source: `(select day, track_key, count(*) as plays, sum(ms_played) as ms_played from ${plays} group by 1, 2 having count(*) > 1) repeats`,
      order: 'plays desc, ms_played desc, day, track_key',
      values,
    },
    'longest session': {
      columns: {
        started_at: 'started_at',
        ended_at: 'ended_at',
        first_day: 'day',
        last_day: 'day',
        plays: 'plays',
        ms: 'ms_played',
      },
      source: `${table(FCT_SESSIONS)} where ${within}`,
      order: 'ms_played desc, started_at',
      values,
    },
    'longest streak': {
      columns: { first_day: 'first_day', last_day: 'last_day', days: 'days', plays: 'plays', ms: 'ms_played' },
      source: streaks,
      order: 'days desc, last_day desc',
      values,
    },
  }
}

/** The first and the last song of a year, and what was most. What a year hasn't is missing. */
export const recapMoments = defineChart({
  title: 'Moments',
  empty: EMPTY,
  params: z.object({}),
  about: ['year'],
  tables: () => [AGG_DAYS, FCT_PLAYS, FCT_SESSIONS, DIM_TRACKS, DIM_ARTISTS, DIM_ALBUMS],
  sql(context) {
    const { table } = context
    const moments = momentsOf(context, yearOf(context))
    const parts = MOMENTS.map((name, position) => {
      const { columns, source, order } = moments[name]
      const fields = Object.entries(MOMENT_COLUMNS).map(
        ([field, type]) => `cast(${columns[field as keyof typeof columns] ?? 'null'} as ${type}) as ${field}`,
      )
      return `select * from (select ${position} as position, '${name}' as name, ${fields.join(', ')}
        from ${source} order by ${order} limit 1) part`
    })
    return {
      text: `select m.name, m.started_at, m.ended_at, m.first_day, m.last_day, m.days, m.plays,
          round(m.ms / 60000.0) as minutes, t.track_id, t.name as song, t.artist_names as artists, a.artist_id,
          coalesce(al.image_small_url, al.image_url) as artwork
        from (${parts.join(' union all ')}) m
        left join ${table(DIM_TRACKS)} t on t.track_key = m.track_key
        left join ${table(DIM_ARTISTS)} a on a.artist_key = t.artist_key
        left join ${table(DIM_ALBUMS)} al on al.album_key = t.album_key
        order by m.position`,
      values: MOMENTS.flatMap((name) => moments[name].values),
    }
  },
  row: z.object({
    name: z.enum(MOMENTS),
    /** Instants of plays and sessions. A play has one. */
    started_at: z.string().nullable(),
    ended_at: z.string().nullable(),
    /** The listener's days. */
    first_day: z.string(),
    last_day: z.string(),
    /** Only of streaks. */
    days: z.number().nullable(),
    plays: z.number(),
    minutes: z.number().nullable(),
    track_id: z.string().nullable(),
    song: z.string().nullable(),
    artists: z.string().nullable(),
    artist_id: z.string().nullable(),
    artwork: Link,
  }),
  draw: { as: 'moments' },
})

/** The artists that were played most, of those whose first play ever was in the year. */
export const recapNewArtists = defineChart({
  title: 'New artists',
  empty: 'No new artists in this year.',
  params: z.object({}),
  about: ['year'],
  tables: () => [FCT_PLAYS, DIM_ARTISTS],
  sql(context) {
    const { table } = context
    const { from, to } = yearOf(context)
    const plays = table(FCT_PLAYS)
    return {
      text: `with n as (
          select c.*, row_number() over (order by c.plays desc, c.ms desc, c.artist_key) as rank
          from (
            select artist_key, count(*) as plays, sum(ms_played) as ms, min(day) as first_day, sum(count(*)) over () as total
            from ${plays} where counts and artist_key is not null and day >= cast(? as date) and day <= cast(? as date)
            group by artist_key
          ) c
          where not exists (
            select 1 from ${plays} p where p.counts and p.day < cast(? as date) and p.artist_key = c.artist_key
          )
        )
        select n.rank, null as previous_rank, d.artist_id, d.name, coalesce(d.image_small_url, d.image_url) as artwork,
          n.plays, round(n.ms / 60000.0) as minutes, round(100.0 * n.plays / n.total, 2) as share, n.first_day
        from n join ${table(DIM_ARTISTS)} d on d.artist_key = n.artist_key
        where n.rank <= ${NEW_ARTISTS} order by n.rank`,
      values: [from, to, from],
    }
  },
  row: z.object({
    rank: z.number(),
    /** New artists have none. */
    previous_rank: z.null(),
    artist_id: z.string(),
    name: z.string().nullable(),
    artwork: Link,
    plays: z.number(),
    minutes: z.number(),
    /** Percent of all plays in the year. */
    share: z.number(),
    /** The listener's day of the first play. */
    first_day: z.string(),
  }),
  draw: { as: 'own ranking', id: 'artist_id', links: 'artists' },
})
