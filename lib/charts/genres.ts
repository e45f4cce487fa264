import { z } from 'zod'
import { countDays, type DateRange } from '#lib/core/period.ts'
import { DIM_ARTISTS, DIM_GENRES, FCT_PLAYS } from '#lib/models/tables.ts'
import { defineChart, GENRE_SOURCES, type QueryContext } from './chart.ts'
import { countedPlays, PLACES } from './own-plays.ts'

/** What the listener plays by the genres of its artists. */

const SORTS = ['plays', 'minutes', 'name'] as const

const ORDERS: Record<(typeof SORTS)[number], string> = {
  plays: 'n.rank, n.genre',
  minutes: 'n.ms desc, n.rank, n.genre',
  name: 'n.genre',
}

const EACH = 'A play counts for each genre of its artist.'

/** A genre is described by its most played artists. */
const EXAMPLES = 3

const ARTISTS = { key: 'artist_key', dim: DIM_ARTISTS } as const

/** Plays by artist in the compared days, as `countedPlays`. */
function comparedPlays(context: QueryContext, compared: DateRange) {
  return countedPlays({ ...context, period: compared }, ARTISTS)
}

export const topGenres = defineChart({
  title: 'Top genres',
  empty: 'No genres are known for what you played in this period.',
  note: EACH,
  params: z.object({}),
  period: true,
  list: { sorts: SORTS, pageSize: 50, searchable: true },
  tables: () => [FCT_PLAYS, DIM_ARTISTS, DIM_GENRES],
  sql(context) {
    const { table, compared, page } = context
    const counted = countedPlays(context, ARTISTS)
    const before = compared && comparedPlays(context, compared)
    const genres = table(DIM_GENRES)
    const order = ORDERS[page.sort as keyof typeof ORDERS]
    const examples = Array.from({ length: EXAMPLES }, (_, at) => `e${at}`)
    return {
      text: `with counted as (${counted.text}),
        g as (
          select d.genre, c.artist_key, c.plays, c.ms,
            row_number() over (partition by d.genre order by c.plays desc, c.artist_key) as place
          from counted c join ${genres} d on d.artist_key = c.artist_key
        ),
        n as (
          select *, ${PLACES} from (
            select genre, sum(plays) as plays, sum(ms) as ms, count(*) as artist_count,
              ${examples.map((name, at) => `max(case when place = ${at + 1} then artist_key end) as ${name}`).join(', ')}
            from g group by genre
          ) totals
        ),
        ${
          before
            ? `b as (
          select *, ${PLACES} from (
            select d.genre, sum(c.plays) as plays, sum(c.ms) as ms
            from (${before.text}) c join ${genres} d on d.artist_key = c.artist_key group by d.genre
          ) compared
        ),`
            : ''
        }
        p as (
          select n.*, ${before ? 'b.rank' : 'null'} as previous_rank, ${before ? 'b.plays' : 'null'} as previous_plays
          from n ${before ? 'left join b on b.genre = n.genre' : ''}
          ${page.search ? 'where contains(n.genre, ?)' : ''}
          order by ${order} limit ? offset ?
        )
        select n.rank, n.genre, n.genre as name,
          a0.name || coalesce(', ' || a1.name, '') || coalesce(', ' || a2.name, '') as artists,
          n.artist_count, n.plays, round(n.ms / 60000.0) as minutes,
          round(100.0 * n.plays / (select sum(plays) from counted), 2) as share, n.previous_rank, n.previous_plays
        from p n ${examples.map((name, at) => `left join ${table(DIM_ARTISTS)} a${at} on a${at}.artist_key = n.${name}`).join(' ')}
        order by ${order}`,
      values: [
        ...counted.values,
        ...(before?.values ?? []),
        ...(page.search ? [page.search] : []),
        page.limit,
        page.offset,
      ],
    }
  },
  row: z.object({
    /** By plays in the period, whatever the order of the rows. */
    rank: z.number(),
    genre: z.string(),
    /** The genre. */
    name: z.string(),
    /** The most played artists of the genre. */
    artists: z.string().nullable(),
    /** Played artists of the genre. */
    artist_count: z.number(),
    plays: z.number(),
    minutes: z.number(),
    /** Percent of all plays in the period, with and without a genre. */
    share: z.number(),
    previous_rank: z.number().nullable(),
    previous_plays: z.number().nullable(),
  }),
  draw: { as: 'genre ranking' },
})

/** Genres that have a color of their own; the others are one. */
const SHARED_GENRES = 8
/** Longer periods are divided into years. */
const MAX_DAYS_OF_MONTHS = 1_100

/**
 * How the genres of plays changed. Each play counts once, for the main genre of its artist, so that shares add up. Places
 * after those of the most played genres are all other genres, and plays without any.
 */
export const genreShares = defineChart({
  title: 'Genres over time',
  empty: 'No plays in this period.',
  note: 'Of plays with a genre. Each counts once, for its artist’s main genre.',
  params: z.object({}),
  period: true,
  tables: () => [FCT_PLAYS, DIM_GENRES],
  sql({ table, period }) {
    const step = countDays(period) > MAX_DAYS_OF_MONTHS ? 'year' : 'month'
    return {
      text: `with m as (
          select artist_key, min(genre) as genre from (
            select artist_key, genre, row_number() over (partition by artist_key order by position, genre) as place
            from ${table(DIM_GENRES)}
          ) places where place = 1 group by artist_key
        ),
        c as (
          select cast(date_trunc('${step}', p.day) as date) as since, m.genre, count(*) as plays
          from ${table(FCT_PLAYS)} p left join m on m.artist_key = p.artist_key
          where p.counts and p.day >= cast(? as date) and p.day <= cast(? as date) group by 1, 2
        ),
        g as (
          select genre, row_number() over (order by sum(plays) desc, genre) as place
          from c where genre is not null group by genre
        ),
        s as (
          select c.since, case when c.genre is null then ${SHARED_GENRES + 2} when g.place <= ${SHARED_GENRES} then g.place
              else ${SHARED_GENRES + 1} end as place,
            max(case when g.place <= ${SHARED_GENRES} then c.genre end) as genre, sum(c.plays) as plays
          from c left join g on g.genre = c.genre group by 1, 2
        )
        select since, '${step}' as step,
          case when place <= ${SHARED_GENRES} then 'genre' when place = ${SHARED_GENRES + 1} then 'other' else 'none' end as kind,
          place, genre, plays,
          case when place <= ${SHARED_GENRES + 1} then round(100.0 * plays
            / sum(case when place <= ${SHARED_GENRES + 1} then plays end) over (partition by since), 2) end as share
        from s order by since, place`,
      values: [period.from, period.to],
    }
  },
  row: z.object({
    /** The first day of the month or year. */
    since: z.string(),
    step: z.enum(['month', 'year']),
    /** Other genres, and plays without a genre, have a row as well. */
    kind: z.enum(['genre', 'other', 'none']),
    /** By plays in the period, the same in all months or years. */
    place: z.number(),
    /** Null for other genres and for none. */
    genre: z.string().nullable(),
    plays: z.number(),
    /** Percent of the plays of that month or year that have a genre; null for the others. */
    share: z.number().nullable(),
  }),
  draw: { as: 'genre shares' },
})

export const genreSources = defineChart({
  title: 'Plays with a genre',
  empty: 'No plays in this period.',
  params: z.object({}),
  period: true,
  tables: () => [FCT_PLAYS, DIM_ARTISTS, DIM_GENRES],
  sql(context) {
    const counted = countedPlays(context, ARTISTS)
    return {
      text: `with s as (select artist_key, min(source) as source from ${context.table(DIM_GENRES)} group by artist_key),
        n as (
          select coalesce(s.source, 'none') as source, sum(c.plays) as plays, count(*) as artists
          from (${counted.text}) c left join s on s.artist_key = c.artist_key group by 1
        )
        select source, plays, artists, round(100.0 * plays / (select sum(plays) from n), 2) as share from n
        order by case source when 'own' then 1 when 'spotify' then 2 when 'musicbrainz' then 3 else 4 end`,
      values: counted.values,
    }
  },
  row: z.object({
    /** Who names the genres; none: nobody does. */
    source: z.enum([...GENRE_SOURCES, 'none']),
    plays: z.number(),
    artists: z.number(),
    /** Percent of all plays in the period. */
    share: z.number(),
  }),
  draw: { as: 'genre sources' },
})
