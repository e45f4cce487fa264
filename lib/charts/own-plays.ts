import { z } from 'zod'
import type { DateRange } from '#lib/core/period.ts'
import type { Cell, TableName } from '#lib/core/table.ts'
import { DIM_ALBUMS, DIM_ARTISTS, DIM_TRACKS, FCT_PLAYS } from '#lib/models/tables.ts'
import { defineChart, type QueryContext } from './chart.ts'
import { Link } from './link.ts'

/** Top lists of the listener's own plays, in any period. */

const SORTS = ['plays', 'minutes', 'name', 'first'] as const

const ORDERS: Record<(typeof SORTS)[number], string> = {
  plays: 'rank, name, id',
  minutes: 'ms desc, rank, name, id',
  name: 'folded, id',
  first: 'first_played_at desc, id',
}

interface Ranked {
  title: string
  key: 'track_key' | 'artist_key' | 'album_key'
  dim: TableName
  /** Columns of the dimension `d` by their names in the result. */
  columns: Record<string, string>
  join?(context: QueryContext): string
}

/** Grouped by key first; what describes the rows is joined only for the page that is shown. */
function rankingSql(context: QueryContext, { key, dim, columns, join }: Ranked) {
  const { table, period, compared, page } = context
  const counted = ({ from, to }: DateRange): { text: string; values: Cell[] } => ({
    text: `select ${key}, count(*) as plays, sum(ms_played) as ms from ${table(FCT_PLAYS)}
      where counts and ${key} is not null and day >= cast(? as date) and day <= cast(? as date) group by ${key}`,
    values: [from, to],
  })
  const ranked = (text: string) =>
    `select ${key}, plays, ms, rank() over (order by plays desc, ms desc) as rank, sum(plays) over () as total from (${text}) counted`
  const now = counted(period)
  const before = compared && counted(compared)
  const sort = ORDERS[page.sort as keyof typeof ORDERS]
  const fields = Object.entries(columns).map(([name, column]) => `${column} as ${name}`)
  return {
    text: `with n as (${ranked(now.text)})${before ? `, b as (${ranked(before.text)})` : ''}
      select n.rank, ${fields.join(', ')}, n.plays, round(n.ms / 60000.0) as minutes,
        round(100.0 * n.plays / n.total, 2) as share, d.first_played_at as first_played,
        ${before ? 'b.rank' : 'null'} as previous_rank, ${before ? 'b.plays' : 'null'} as previous_plays,
        n.ms, d.folded, d.first_played_at, d.${key} as id
      from n join ${table(dim)} d on d.${key} = n.${key} ${before ? `left join b on b.${key} = n.${key}` : ''} ${join?.(context) ?? ''}
      ${page.search ? 'where contains(d.folded, ?)' : ''}
      order by ${sort} limit ? offset ?`,
    values: [...now.values, ...(before?.values ?? []), ...(page.search ? [page.search] : []), page.limit, page.offset],
  }
}

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
