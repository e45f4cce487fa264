import { z } from 'zod'
import { countDays, type DateRange, EARLIEST_DAY } from '#lib/core/period.ts'
import type { Cell, TableName } from '#lib/core/table.ts'
import { DIM_ALBUMS, DIM_ARTISTS, DIM_GENRES, DIM_TRACKS, FCT_PLAYS } from '#lib/models/tables.ts'
import { defineChart, type QueryContext } from './chart.ts'
import { Link } from './link.ts'

/** Top lists of the listener's own plays, in any period. */

const SORTS = ['plays', 'minutes', 'name', 'first'] as const

const ORDERS: Record<(typeof SORTS)[number], string> = {
  plays: 'rank, id',
  minutes: 'ms desc, rank, name, id',
  name: 'folded, id',
  first: 'first_played_at desc, id',
}

interface Part {
  text: string
  values: Cell[]
}

interface Ranked {
  title: string
  key: 'track_key' | 'artist_key' | 'album_key'
  dim: TableName
  /** Columns of the dimension `d` by their names in the result. */
  columns: Record<string, string>
  join?(context: QueryContext): string
}

/** Points of a sparkline, at most. */
const SPARKS = 24

/** Plays in equal parts of a period, as a text such as "0,3,1", of the entries of the page `p`. */
function sparklineSql({ table, period }: QueryContext, key: Ranked['key']): Part {
  const days = countDays(period)
  const parts = Math.min(days, SPARKS)
  const counts = Array.from(
    { length: parts },
    (_, part) => `cast(sum(case when part = ${part} then plays else 0 end) as varchar)`,
  )
  return {
    text: `select ${key}, ${counts.join(" || ',' || ")} as sparkline
      from (
        select ${key}, cast(floor((day - cast(? as date)) * ${parts} / ${days}) as integer) as part, count(*) as plays
        from ${table(FCT_PLAYS)}
        where counts and day >= cast(? as date) and day <= cast(? as date) and ${key} in (select id from p)
        group by 1, 2
      ) parts group by ${key}`,
    values: [period.from, period.from, period.to],
  }
}

type Counted = Pick<Ranked, 'key' | 'dim'>

/** The artists of the genre that the chart is about. None before genres were built. */
function ofGenre({ subject, about, table, has }: QueryContext): Part {
  if (subject !== 'genre') return { text: '', values: [] }
  if (!has(DIM_GENRES)) return { text: 'and false', values: [] }
  return {
    text: `and artist_key in (select artist_key from ${table(DIM_GENRES)} where genre = ?)`,
    values: [about],
  }
}

/** Plays by key, of everything that was played in a range. */
function countedIn(context: QueryContext, { key }: Counted, { from, to }: DateRange): Part {
  const genre = ofGenre(context)
  return {
    text: `select ${key}, count(*) as plays, sum(ms_played) as ms from ${context.table(FCT_PLAYS)}
      where counts and ${key} is not null and day >= cast(? as date) and day <= cast(? as date) ${genre.text} group by ${key}`,
    values: [from, to, ...genre.values],
  }
}

/** Plays by key in the period. Of all plays the dimension has counts. */
export function countedPlays(context: QueryContext, ranked: Counted): Part {
  const { table, period } = context
  if (period.preset !== 'all' || period.from <= EARLIEST_DAY) return countedIn(context, ranked, period)
  const genre = ofGenre(context)
  return {
    text: `select ${ranked.key}, plays, ms_played as ms from ${table(ranked.dim)} where plays > 0 ${genre.text}`,
    values: genre.values,
  }
}

/** The rank by plays. */
export const PLACES = 'rank() over (order by plays desc, ms desc) as rank'

/** With ranks by plays. In that order, what is behind the page needs no rank: only what is before it decides. */
function rankedSql({ page }: QueryContext, key: Ranked['key']): Part {
  if (page.sort !== 'plays' || page.search) return { text: `select *, ${PLACES} from counted`, values: [] }
  return {
    text: `select *, ${PLACES} from (select * from counted order by plays desc, ms desc, ${key} limit ?) first_ones`,
    values: [page.offset + page.limit],
  }
}

/** Grouped by key first; what describes the rows is joined only for the page that is shown. */
function rankingSql(context: QueryContext, ranked: Ranked): Part {
  const { table, compared, page } = context
  const { key, dim, columns, join } = ranked
  const sort = ORDERS[page.sort as keyof typeof ORDERS]
  const fields = Object.entries(columns).map(([name, column]) => `${column} as ${name}`)
  const parts = {
    counted: countedPlays(context, ranked),
    n: rankedSql(context, key),
    before: compared && countedIn(context, ranked, compared),
    sparkline: sparklineSql(context, key),
  }
  return {
    text: `with counted as (${parts.counted.text}), n as (${parts.n.text}),
      ${parts.before ? `b as (select *, ${PLACES} from (${parts.before.text}) compared),` : ''}
      p as (
        select n.rank, ${fields.join(', ')}, n.plays, round(n.ms / 60000.0) as minutes,
          round(100.0 * n.plays / (select sum(plays) from counted), 2) as share, d.first_played_at as first_played,
          ${parts.before ? 'b.rank' : 'null'} as previous_rank, ${parts.before ? 'b.plays' : 'null'} as previous_plays,
          n.ms, d.folded, d.first_played_at, d.${key} as id
        from n join ${table(dim)} d on d.${key} = n.${key} ${parts.before ? `left join b on b.${key} = n.${key}` : ''} ${join?.(context) ?? ''}
        ${page.search ? 'where contains(d.folded, ?)' : ''}
        order by ${sort} limit ? offset ?
      )
      select p.*, s.sparkline from p left join (${parts.sparkline.text}) s on s.${key} = p.id order by ${sort}`,
    values: [
      ...parts.counted.values,
      ...parts.n.values,
      ...(parts.before?.values ?? []),
      ...(page.search ? [page.search] : []),
      page.limit,
      page.offset,
      ...parts.sparkline.values,
    ],
  }
}

const Sparkline = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').map(Number) : value),
  z.array(z.number()),
)

const counted = {
  /** By plays in the period, whatever the order of the rows. */
  rank: z.number(),
  plays: z.number(),
  minutes: z.number(),
  /** Percent of all plays in the period. */
  share: z.number(),
  first_played: z.string().nullable(),
  previous_rank: z.number().nullable(),
  previous_plays: z.number().nullable(),
  /** Plays in equal parts of the period, at most 24; each is a day if the period has no more. */
  sparkline: Sparkline,
}

const features = {
  empty: 'No plays in this period.',
  params: z.object({}),
  period: true as const,
  list: { sorts: SORTS, pageSize: 50, searchable: true as const },
}

const TRACKS: Ranked = {
  title: 'Top songs',
  key: 'track_key',
  dim: DIM_TRACKS,
  columns: {
    track_id: 'd.track_id',
    name: 'd.name',
    artists: 'd.artist_names',
    artist_id: 'a.artist_id',
    album_id: 'al.album_id',
    album: 'al.name',
    artwork: 'coalesce(al.image_small_url, al.image_url)',
  },
  join: ({ table }) => `left join ${table(DIM_ARTISTS)} a on a.artist_key = d.artist_key
    left join ${table(DIM_ALBUMS)} al on al.album_key = d.album_key`,
}

const ARTISTS: Ranked = {
  title: 'Top artists',
  key: 'artist_key',
  dim: DIM_ARTISTS,
  columns: { artist_id: 'd.artist_id', name: 'd.name', artwork: 'coalesce(d.image_small_url, d.image_url)' },
}

const ALBUMS: Ranked = {
  title: 'Top albums',
  key: 'album_key',
  dim: DIM_ALBUMS,
  columns: {
    album_id: 'd.album_id',
    name: 'd.name',
    artists: 'd.artist_names',
    artwork: 'coalesce(d.image_small_url, d.image_url)',
  },
}

export const topSongs = defineChart({
  title: TRACKS.title,
  ...features,
  tables: () => [FCT_PLAYS, DIM_TRACKS, DIM_ARTISTS, DIM_ALBUMS],
  sql: (context) => rankingSql(context, TRACKS),
  row: z.object({
    track_id: z.string(),
    name: z.string().nullable(),
    artists: z.string().nullable(),
    artist_id: z.string().nullable(),
    album_id: z.string().nullable(),
    album: z.string().nullable(),
    artwork: Link,
    ...counted,
  }),
  draw: { as: 'own ranking', id: 'track_id', links: 'tracks' },
})

/** Under the name of Spotify's ranking, when a request is about a period. */
export const topArtistsPlayed = defineChart({
  title: ARTISTS.title,
  ...features,
  mayBeAbout: ['genre'],
  tables: () => [FCT_PLAYS, DIM_ARTISTS],
  sql: (context) => rankingSql(context, ARTISTS),
  row: z.object({ artist_id: z.string(), name: z.string().nullable(), artwork: Link, ...counted }),
  draw: { as: 'own ranking', id: 'artist_id', links: 'artists' },
})

export const topAlbums = defineChart({
  title: ALBUMS.title,
  ...features,
  tables: () => [FCT_PLAYS, DIM_ALBUMS],
  sql: (context) => rankingSql(context, ALBUMS),
  row: z.object({
    album_id: z.string(),
    name: z.string().nullable(),
    artists: z.string().nullable(),
    artwork: Link,
    ...counted,
  }),
  draw: { as: 'own ranking', id: 'album_id', links: 'albums' },
})
