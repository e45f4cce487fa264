import { z } from 'zod'
import type { Cell, TableName } from '#lib/core/table.ts'
import { DIM_ALBUMS, DIM_ARTISTS, DIM_TRACKS, FCT_PLAYS } from '#lib/models/tables.ts'
import { TRACKS } from '#lib/streams/music.ts'
import { defineChart, type QueryContext } from './chart.ts'
import { Link } from './link.ts'

/** All known songs of an artist or album, and all albums of an artist, played or not. */

const ORDERS = {
  plays: 'plays desc, n.ms desc nulls last, d.folded, id',
  minutes: 'n.ms desc nulls last, plays desc, d.folded, id',
  name: 'd.folded, id',
  last: 'last_played desc nulls last, d.folded, id',
}

interface List {
  key: 'track_key' | 'album_key'
  /** What plays are counted by; songs as their recording. */
  countedKey: 'recording_key' | 'album_key'
  dim: TableName
  /** Columns of the dimension `d` by their names in the result. */
  columns: string
  join?(context: QueryContext): string
  orders: Record<string, string>
}

function listSql(
  context: QueryContext,
  { key, countedKey, dim, columns, join, orders }: List,
): { text: string; values: Cell[] } {
  const { table, subject, about, period, page } = context
  const owner = subject === 'album' ? 'album' : 'artist'
  const owners = table(owner === 'album' ? DIM_ALBUMS : DIM_ARTISTS)
  const owned = `${owner}_key in (select ${owner}_key from ${owners} where ${owner}_id = ?)`
  const isSongs = key === 'track_key'
  const lastPlayed = isSongs ? 'rec.last_played_at' : 'd.last_played_at'
  // An album shows its songs; an artist each recording once, by the song that stands for it if that is the artist's.
  const firstOfRecording = `select track_key from (
    select track_key, row_number() over (partition by recording_key
      order by case when track_key = recording_key then 0 else 1 end, track_key) as place
    from ${table(dim)} where ${owned}) songs where place = 1`
  return {
    text: `select ${columns}, coalesce(n.plays, 0) as plays, coalesce(round(n.ms / 60000.0), 0) as minutes,
        ${lastPlayed} as last_played, d.${key} as id
      from ${table(dim)} d
      ${isSongs ? `left join ${table(dim)} rec on rec.track_key = d.recording_key` : ''}
      left join (select ${key}, count(*) as plays, sum(ms_played) as ms from ${table(FCT_PLAYS)}
        where counts and day >= cast(? as date) and day <= cast(? as date)
          and ${isSongs ? `track_key in (select recording_key from ${table(dim)} where ${owned})` : owned} group by ${key}) n on n.${key} = d.${countedKey}
      ${join?.(context) ?? ''}
      where ${isSongs && owner === 'artist' ? `d.track_key in (${firstOfRecording})` : `d.${owned}`}
      ${page.search ? 'and contains(d.folded, ?)' : ''}
      order by ${orders[page.sort]} limit ? offset ?`,
    values: [period.from, period.to, about, about, ...(page.search ? [page.search] : []), page.limit, page.offset],
  }
}

const counted = {
  /** In the period; 0 for what was not played in it. */
  plays: z.number(),
  minutes: z.number(),
  /** Ever; null if it was never played. */
  last_played: z.string().nullable(),
}

const artwork = 'coalesce(al.image_small_url, al.image_url) as artwork'
const songOrders = { ...ORDERS, track: 't.disc_number nulls last, t.track_number nulls last, d.folded, id' }

export const songs = defineChart({
  title: 'Songs',
  empty: 'No songs yet.',
  params: z.object({}),
  period: true,
  about: ['artist', 'album'],
  list: { sorts: ['plays', 'minutes', 'name', 'last', 'track'], pageSize: 50, searchable: true },
  tables: () => [FCT_PLAYS, DIM_TRACKS, DIM_ARTISTS, DIM_ALBUMS, TRACKS],
  sql: (context) =>
    listSql(context, {
      key: 'track_key',
      countedKey: 'recording_key',
      dim: DIM_TRACKS,
      columns: `d.track_id, d.name, d.artist_names as artists, al.album_id, al.name as album, ${artwork}, d.duration_ms, t.track_number`,
      join: ({ table }) => `left join ${table(DIM_ALBUMS)} al on al.album_key = d.album_key
        left join ${table(TRACKS)} t on t.id = d.track_id`,
      orders: songOrders,
    }),
  row: z.object({
    track_id: z.string(),
    name: z.string().nullable(),
    artists: z.string().nullable(),
    album_id: z.string().nullable(),
    album: z.string().nullable(),
    artwork: Link,
    duration_ms: z.number().nullable(),
    track_number: z.number().nullable(),
    ...counted,
  }),
  draw: { as: 'music list', id: 'track_id', links: 'tracks' },
})

export const albums = defineChart({
  title: 'Albums',
  empty: 'No albums yet.',
  params: z.object({}),
  period: true,
  about: ['artist'],
  list: { sorts: ['plays', 'minutes', 'name', 'last', 'released'], pageSize: 50, searchable: true },
  tables: () => [FCT_PLAYS, DIM_ARTISTS, DIM_ALBUMS],
  sql: (context) =>
    listSql(context, {
      key: 'album_key',
      countedKey: 'album_key',
      dim: DIM_ALBUMS,
      columns: `d.album_id, d.name, d.artist_names as artists, d.album_type, d.release_date,
        coalesce(d.image_small_url, d.image_url) as artwork`,
      orders: { ...ORDERS, released: 'd.release_date desc nulls last, d.folded, id' },
    }),
  row: z.object({
    album_id: z.string(),
    name: z.string().nullable(),
    artists: z.string().nullable(),
    album_type: z.string().nullable(),
    /** A day, a month or a year. */
    release_date: z.string().nullable(),
    artwork: Link,
    ...counted,
  }),
  draw: { as: 'music list', id: 'album_id', links: 'albums' },
})
