import { z } from 'zod'
import type { TableName } from '#lib/core/table.ts'
import { DIM_ALBUMS, DIM_ARTISTS, DIM_TRACKS } from '#lib/models/tables.ts'
import { followedArtists } from '#lib/streams/followed-artists.ts'
import { ALBUMS, ARTISTS, TRACKS } from '#lib/streams/music.ts'
import { savedAlbums } from '#lib/streams/saved-albums.ts'
import { savedTracks } from '#lib/streams/saved-tracks.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { defineChart, type QueryContext } from './chart.ts'
import { Link } from './link.ts'

/** The listener's liked songs, saved albums and followed artists as they are now, with their own plays of each. */

interface Saved {
  source: TableName
  /** What describes music, for its folded name. */
  music: TableName
  dim: TableName
  /** The name of the id in the result and in the dimension. */
  id: 'track_id' | 'album_id' | 'artist_id'
  /** Columns of the source by their names in the result. */
  columns: Record<string, string>
  /** What a search looks in, besides the folded names. */
  searched: string[]
  hasArtist: boolean
}

export const SAVED = {
  songs: {
    source: streamTable(savedTracks),
    music: TRACKS,
    dim: DIM_TRACKS,
    id: 'track_id',
    columns: {
      name: 'name',
      artists: 'artist_names',
      artist_id: 'artist_id',
      album_id: 'album_id',
      album: 'album_name',
      artwork: 'coalesce(s.album_image_small_url, s.album_image_url)',
      duration_ms: 'duration_ms',
      added_at: 'added_at',
    },
    searched: ['s.name', 's.artist_names', 's.album_name'],
    hasArtist: true,
  },
  albums: {
    source: streamTable(savedAlbums),
    music: ALBUMS,
    dim: DIM_ALBUMS,
    id: 'album_id',
    columns: {
      name: 'name',
      artists: 'artist_names',
      artist_id: 'artist_id',
      album_type: 'album_type',
      release_date: 'release_date',
      artwork: 'coalesce(s.image_small_url, s.image_url)',
      added_at: 'added_at',
    },
    searched: ['s.name', 's.artist_names'],
    hasArtist: true,
  },
  artists: {
    source: streamTable(followedArtists),
    music: ARTISTS,
    dim: DIM_ARTISTS,
    id: 'artist_id',
    columns: { name: 'name', artwork: 'coalesce(s.image_small_url, s.image_url)' },
    searched: ['s.name'],
    hasArtist: false,
  },
} as const satisfies Record<string, Saved>

/** Latin letters whose accents a search ignores. The names of songs, albums and artists are folded properly. */
const ACCENTED = 'àáâãäåāăąçćčďèéêëēėęěìíîïīįłñńňòóôõöøōőřśšșťțùúûüūůűýÿźżž'
const PLAIN = 'aaaaaaaaacccdeeeeeeeeiiiiiilnnnoooooooorsssttuuuuuuuyyzzz'

/** What a search looks in, in one text. */
export function foldedSql(columns: string[]): string {
  const text = columns.map((column) => `coalesce(${column}, '')`).join(` || ' ' || `)
  return `translate(lower(${text}), '${ACCENTED}', '${PLAIN}')`
}

const ORDERS: Record<string, string> = {
  added: 'added_at desc nulls last, folded, id',
  name: 'folded nulls last, id',
  artist: 'artist_folded nulls last, folded, id',
  plays: 'plays desc nulls last, folded, id',
}

/** Folding in SQL takes ten times as long as the search itself, so only artists after the first are folded here. */
function knownText(joined: { alias: string; name: string }[], hasArtist: boolean): string {
  const folded = joined.map(({ alias, name }) => `coalesce(${alias}.folded, lower(${name}), '')`).join(` || ' ' || `)
  if (!hasArtist) return folded
  return `${folded} || ' ' || case when contains(s.artist_names, ', ') then ${foldedSql(['s.artist_names'])} else '' end`
}

/** Plays are joined for the rows of the page only, unless they decide which rows those are. */
function savedSql(context: QueryContext, saved: Saved) {
  const { table, has, page } = context
  const { source, music, dim, id, searched, hasArtist } = saved
  const columns = Object.entries(saved.columns).map(([name, column]) => {
    return column === name ? `s.${name}` : `${column.includes('(') ? column : `s.${column}`} as ${name}`
  })
  const joined = [{ dim: music, alias: 'm', on: 'm.id = s.id', name: 's.name' }]
  if (hasArtist) joined.push({ dim: ARTISTS, alias: 'a', on: 'a.id = s.artist_id', name: 's.artist_names' })
  if (id === 'track_id') joined.push({ dim: ALBUMS, alias: 'al', on: 'al.id = s.album_id', name: 's.album_name' })
  const known = joined.every((one) => has(one.dim))
  const rows = `select s.id, ${columns.join(', ')}, s.withheld_at is not null as withheld,
      coalesce(${known ? 'm.folded' : 'null'}, lower(s.name)) as folded,
      ${hasArtist ? `coalesce(${known ? 'a.folded' : 'null'}, lower(s.artist_names))` : 'null'} as artist_folded,
      count(*) over () as found
    from ${table(source)} s
    ${known ? joined.map(({ dim, alias, on }) => `left join ${table(dim)} ${alias} on ${on}`).join(' ') : ''}
    ${page.search ? `where contains(${known ? knownText(joined, hasArtist) : foldedSql(searched)}, ?)` : ''}`
  const heard = has(dim)
    ? {
        columns: 'd.plays, round(d.ms_played / 60000.0) as minutes, d.last_played_at as last_played',
        join: `left join ${table(dim)} d on d.${id} = r.id`,
      }
    : { columns: 'null as plays, null as minutes, null as last_played', join: '' }
  const byPlays = page.sort === 'plays' && has(dim)
  const order = ORDERS[byPlays || page.sort !== 'plays' ? page.sort : 'name']
  const cut = `order by ${order} limit ? offset ?`
  return {
    text: `select ${[`r.id as ${id}`, ...Object.keys(saved.columns).map((name) => `r.${name}`)].join(', ')},
        r.withheld, r.found, ${heard.columns}, r.id, r.folded, r.artist_folded
      from (${rows} ${byPlays ? '' : cut}) r ${heard.join} ${byPlays ? cut : `order by ${order}`}`,
    values: [...(page.search ? [page.search] : []), page.limit, page.offset],
  }
}

const common = {
  name: z.string().nullable(),
  artwork: Link,
  /** Spotify lists it without its content at the moment, so it stays as it was. */
  withheld: z.boolean(),
  /** How many rows all pages have together. */
  found: z.number(),
  /** The listener's own plays ever; null if they aren't counted yet. */
  plays: z.number().nullable(),
  minutes: z.number().nullable(),
  last_played: z.string().nullable(),
}

const credited = { artists: z.string().nullable(), artist_id: z.string().nullable(), added_at: z.string().nullable() }

const PAGE_SIZE = 100

export const likedSongs = defineChart({
  title: 'Liked songs',
  empty: 'No liked songs. Songs that you like on Spotify appear here after the next sync.',
  params: z.object({}),
  list: { sorts: ['added', 'name', 'artist', 'plays'], pageSize: PAGE_SIZE, searchable: true },
  tables: () => [SAVED.songs.source],
  sql: (context) => savedSql(context, SAVED.songs),
  row: z.object({
    track_id: z.string(),
    ...common,
    ...credited,
    album_id: z.string().nullable(),
    album: z.string().nullable(),
    duration_ms: z.number().nullable(),
  }),
  draw: { as: 'saved list', id: 'track_id', links: 'tracks' },
})

export const savedAlbumsList = defineChart({
  title: 'Saved albums',
  empty: 'No saved albums. Albums that you save on Spotify appear here after the next sync.',
  params: z.object({}),
  list: { sorts: ['added', 'name', 'artist', 'plays'], pageSize: PAGE_SIZE, searchable: true },
  tables: () => [SAVED.albums.source],
  sql: (context) => savedSql(context, SAVED.albums),
  row: z.object({
    album_id: z.string(),
    ...common,
    ...credited,
    album_type: z.string().nullable(),
    /** A day, a month or a year. */
    release_date: z.string().nullable(),
  }),
  draw: { as: 'saved list', id: 'album_id', links: 'albums' },
})

export const followedArtistsList = defineChart({
  title: 'Followed artists',
  empty: 'No followed artists. Artists that you follow on Spotify appear here after the next sync.',
  params: z.object({}),
  list: { sorts: ['name', 'plays'], pageSize: PAGE_SIZE, searchable: true },
  tables: () => [SAVED.artists.source],
  sql: (context) => savedSql(context, SAVED.artists),
  row: z.object({ artist_id: z.string(), ...common }),
  draw: { as: 'saved list', id: 'artist_id', links: 'artists' },
})
