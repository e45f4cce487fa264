import type { z } from 'zod'
import { SEARCH } from '#lib/api/limits.ts'
import type { search as contract } from '#lib/api/music.ts'
import { Link } from '#lib/charts/link.ts'
import { fold } from '#lib/core/fold.ts'
import type { Cell, Row, TableName } from '#lib/core/table.ts'
import { DIM_ALBUMS, DIM_ARTISTS, DIM_TRACKS } from '#lib/models/tables.ts'
import { playlists } from '#lib/streams/playlists.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { described } from './described.ts'
import { queryEmbedded, type Tables } from './embedded.ts'
import { listenerData } from './listener-data.ts'

type SearchResponse = z.infer<(typeof contract)['response']>

const PLAYLISTS = streamTable(playlists)
const MAX_PLAYLISTS = 5_000
/** In longer texts, words are not searched for one by one. */
const MAX_WORDS = 10

const nothing = (): SearchResponse => ({ songs: [], artists: [], albums: [], playlists: [] })

/**
 * Songs, artists, albums and playlists whose name contains a text: those that begin with it first, then the most played.
 * Songs and albums are also found by words of their name and their artist's.
 * @throws Refused 409 where no embedded copy is kept
 */
export async function searchMusic(userId: string, text: string): Promise<SearchResponse> {
  const folded = fold(text)
  const listener = await listenerData(userId)
  const found = await queryEmbedded(listener, `search ${folded}`, async (tables) => {
    if (!folded) return nothing()
    const [songs, artists, albums, inPlaylists] = await Promise.all([
      matches(folded, SONGS, tables),
      matches(folded, BY_ARTIST, tables),
      matches(folded, IN_ALBUMS, tables),
      playlistsNamed(folded, tables),
    ])
    return {
      songs: songs.map((row) => ({
        ...resultOf(row),
        artists: textOf(row.artists),
        album: textOf(row.album),
        plays: playsOf(row),
      })),
      artists: artists.map((row) => ({ ...resultOf(row), plays: playsOf(row) })),
      albums: albums.map((row) => ({ ...resultOf(row), artists: textOf(row.artists), plays: playsOf(row) })),
      playlists: inPlaylists,
    }
  })
  return found ?? nothing()
}

const textOf = (cell: Cell | undefined) => (typeof cell === 'string' ? cell : null)
const playsOf = ({ plays }: Row) => Number(plays ?? 0)
const resultOf = ({ id, name, artwork }: Row) => ({
  id: String(id),
  name: String(name),
  artwork: Link.parse(textOf(artwork)),
})

interface Searched {
  kind: 'track' | 'artist' | 'album'
  dim: TableName
  id: string
  /** Further columns of `t`, with a comma before each. */
  columns: string
  hasArtist: boolean
}

const SONGS: Searched = {
  kind: 'track',
  dim: DIM_TRACKS,
  id: 'track_id',
  columns: ', t.artist_names as artists, t.album_name as album',
  hasArtist: true,
}
const BY_ARTIST: Searched = { kind: 'artist', dim: DIM_ARTISTS, id: 'artist_id', columns: '', hasArtist: false }
const IN_ALBUMS: Searched = {
  kind: 'album',
  dim: DIM_ALBUMS,
  id: 'album_id',
  columns: ', t.artist_names as artists',
  hasArtist: true,
}

/** Names are searched first; plays are joined for what matches. */
async function matches(
  folded: string,
  { kind, dim, id, columns, hasArtist }: Searched,
  tables: Tables,
): Promise<Row[]> {
  const { table, has, query } = tables
  const [music, artists] = [described(kind, tables), described('artist', tables)]
  if (!music) return []
  const words = [...new Set(folded.split(' '))]
  const terms = words.length > 1 && words.length <= MAX_WORDS ? words : []
  const names = hasArtist && artists ? `concat(t.folded, ' ', a.folded)` : 't.folded'
  const artist = terms.length > 0 && hasArtist && artists ? `left join ${artists} a on a.id = t.artist_id` : ''
  // Songs that count as one recording are one result, by the song that stands for it if that matches too.
  const isSongs = dim === DIM_TRACKS && has(dim)
  const oncePerRecording = `qualify row_number() over (partition by coalesce(cast(d.recording_key as varchar), m.id)
    order by case when d.track_key = d.recording_key then 0 else 1 end, m.id) = 1`
  const allTerms = terms.length > 0 ? `or (${terms.map(() => `contains(${names}, ?)`).join(' and ')})` : ''
  return query(
    `with m as (select t.id, t.name, t.folded, coalesce(t.image_small_url, t.image_url) as artwork ${columns}
        from ${music} t ${artist} where t.name is not null and (contains(t.folded, ?) ${allTerms}))
      select m.*, ${isSongs ? 'coalesce(r.plays, 0)' : has(dim) ? 'coalesce(d.plays, 0)' : '0'} as plays
      from m ${has(dim) ? `left join ${table(dim)} d on d.${id} = m.id` : ''}
      ${isSongs ? `left join ${table(dim)} r on r.track_key = d.recording_key ${oncePerRecording}` : ''}
      order by case when starts_with(m.folded, ?) then 0 when contains(m.folded, ?) then 1 else 2 end, plays desc, m.folded, m.id`,
    [folded, ...terms, folded, folded],
    SEARCH.maxResults,
  )
}

/** Playlists have no folded name, and nobody has very many. */
async function playlistsNamed(folded: string, { table, has, query }: Tables): Promise<SearchResponse['playlists']> {
  if (!has(PLAYLISTS)) return []
  const rows = await query(
    `select id, name, coalesce(image_small_url, image_url) as artwork, items_total as songs
      from ${table(PLAYLISTS)} where name is not null order by rank`,
    [],
    MAX_PLAYLISTS,
  )
  const placeOf = (row: Row) => fold(String(row.name)).indexOf(folded)
  return rows
    .flatMap((row) => (placeOf(row) < 0 ? [] : [{ row, isInfix: placeOf(row) > 0 }]))
    .sort((one, other) => Number(one.isInfix) - Number(other.isInfix))
    .slice(0, SEARCH.maxResults)
    .map(({ row }) => ({ ...resultOf(row), songs: typeof row.songs === 'number' ? row.songs : null }))
}
