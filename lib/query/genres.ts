import type { ArtistGenres, GenresResponse } from '#lib/api/genres.ts'
import { GENRE_SOURCES, type GenreSource } from '#lib/charts/chart.ts'
import { Link } from '#lib/charts/link.ts'
import { toIso } from '#lib/core/clock.ts'
import { musicBrainz } from '#lib/core/config.ts'
import { BYTE_ORDER_MARK, csvLine } from '#lib/core/csv.ts'
import { Refused } from '#lib/core/errors.ts'
import { fold } from '#lib/core/fold.ts'
import type { Cell, Row } from '#lib/core/table.ts'
import { db } from '#lib/db.ts'
import { DIM_ARTISTS, DIM_GENRES } from '#lib/models/tables.ts'
import { EMBEDDED_KIND } from '#lib/warehouse/facts.ts'
import { queryEmbedded, readEmbedded, type Tables } from './embedded.ts'
import { listenerData } from './listener-data.ts'

/** The genres of a listener's artists: as the models have them, and what the listener has decided since. */

export interface GenresQuery {
  search: string
  show: 'all' | 'missing'
  limit: number
  cursor?: string | undefined
}

/** Artists that a list can show: played ones. More would not be scrolled through. */
const MAX_OFFSET = 100_000
/** Artists of a file. */
const MAX_FILE_ROWS = 200_000

type Coverage = GenresResponse['coverage']

interface Found {
  artists: GenresResponse['artists']
  next: string | null
  coverage: Coverage
}

const NOTHING: Found = { artists: [], next: null, coverage: { plays: 0, withGenre: 0 } }

/** @throws Refused 409 where no embedded copy is kept, 400 for a cursor of another list */
export async function genresOf(userId: string, query: GenresQuery): Promise<GenresResponse> {
  const listener = await listenerData(userId)
  const offset = offsetOf(query.cursor)
  const key = `genres ${JSON.stringify([fold(query.search), query.show, query.limit, offset])}`
  const found = await queryEmbedded(listener, key, async (tables) => {
    if (!tables.has(DIM_ARTISTS, DIM_GENRES)) return NOTHING
    const [rows, coverage] = await Promise.all([artistRows(tables, query, offset), coverageOf(tables)])
    const isMore = rows.length > query.limit && offset + query.limit <= MAX_OFFSET
    return {
      artists: rows.slice(0, query.limit).map(artistOf),
      next: isMore ? String(offset + query.limit) : null,
      coverage,
    }
  })
  const { artists, next, coverage } = found ?? NOTHING
  return {
    artists: await withChoices(userId, artists),
    next,
    coverage,
    isUpdating: await isUpdating(userId),
    musicBrainz: await musicBrainzState(),
  }
}

function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  if (/^\d{1,6}$/.test(cursor) && Number(cursor) <= MAX_OFFSET) return Number(cursor)
  const remedy = 'Send what the response of the page before has as "next".'
  throw new Refused(400, 'wrong-parameter', 'The parameter "cursor" is invalid', remedy)
}

const genreColumns = (table: Tables['table']) => `
  select artist_key, min(source) as source,
    ${Array.from({ length: 10 }, (_, at) => `max(case when position = ${at + 1} then genre end) as g${at}`).join(', ')}
  from ${table(DIM_GENRES)} group by artist_key`

function artistRows({ table, query }: Tables, { search, show, limit }: GenresQuery, offset: number): Promise<Row[]> {
  const folded = fold(search)
  return query(
    `select d.artist_id as id, d.name, coalesce(d.image_small_url, d.image_url) as artwork, d.plays, g.*
    from ${table(DIM_ARTISTS)} d left join (${genreColumns(table)}) g on g.artist_key = d.artist_key
    where d.plays > 0 ${folded ? 'and contains(d.folded, ?)' : ''} ${show === 'missing' ? 'and g.artist_key is null' : ''}
    order by d.plays desc, d.ms_played desc, d.artist_id limit ? offset ?`,
    [...(folded ? [folded] : []), limit + 1, offset],
    limit + 1,
  )
}

async function coverageOf({ table, query }: Tables): Promise<Coverage> {
  const [row] = await query(
    `select coalesce(sum(plays), 0) as plays,
      coalesce(sum(case when artist_key in (select artist_key from ${table(DIM_GENRES)}) then plays end), 0) as with_genre
    from ${table(DIM_ARTISTS)}`,
    [],
  )
  return { plays: Number(row?.plays ?? 0), withGenre: Number(row?.with_genre ?? 0) }
}

function genresIn(row: Row): string[] {
  const cells = Array.from({ length: 10 }, (_, at) => row[`g${at}`])
  return cells.filter((cell): cell is string => typeof cell === 'string')
}

const sourceIn = (cell: Cell | undefined): GenreSource | null => GENRE_SOURCES.find((one) => one === cell) ?? null

function artistOf(row: Row): GenresResponse['artists'][number] {
  return {
    id: String(row.id),
    name: typeof row.name === 'string' ? row.name : null,
    artwork: Link.parse(typeof row.artwork === 'string' ? row.artwork : null),
    plays: Number(row.plays),
    genres: genresIn(row),
    source: sourceIn(row.source),
  }
}

type Known = Omit<ArtistGenres, 'artistId'>

/** What the models have, unless the listener has decided otherwise since. */
export async function withChoices<Artist extends Known & { id: string }>(
  userId: string,
  artists: Artist[],
): Promise<Artist[]> {
  if (artists.length === 0) return artists
  const choices = await db().genreChoice.findMany({ where: { userId, artistId: { in: artists.map(({ id }) => id) } } })
  const genresById = new Map(choices.map(({ artistId, genres }) => [artistId, genres]))
  return artists.map((artist) => ({ ...artist, ...decided(artist, genresById.get(artist.id)) }))
}

/** @param choice undefined: none; null: taken back, so the models must not show it any longer */
function decided({ genres, source }: Known, choice: string | null | undefined): Known {
  if (choice === undefined || (choice === null && source !== 'own')) return { genres, source }
  if (choice === null) return { genres: [], source: null }
  return { genres: choice === '' ? [] : choice.split(', '), source: 'own' }
}

/** The genres of one artist, from queries of the embedded copy. */
export async function artistGenres({ table, has, query }: Tables, artistId: string): Promise<Known> {
  if (!has(DIM_ARTISTS, DIM_GENRES)) return { genres: [], source: null }
  const rows = await query(
    `select g.genre, g.source from ${table(DIM_GENRES)} g join ${table(DIM_ARTISTS)} d on d.artist_key = g.artist_key
    where d.artist_id = ? order by g.position`,
    [artistId],
  )
  return { genres: rows.map(({ genre }) => String(genre)), source: sourceIn(rows[0]?.source) }
}

/** The same with what the listener has decided since. */
export async function currentGenres(userId: string, artistId: string, known: Known): Promise<Known> {
  const [artist] = await withChoices(userId, [{ id: artistId, ...known }])
  return { genres: artist?.genres ?? [], source: artist?.source ?? null }
}

async function isUpdating(userId: string): Promise<boolean> {
  const connection = await db().warehouseConnection.findUnique({
    where: { userId_kind: { userId, kind: EMBEDDED_KIND } },
    select: { modelsState: true, modelsProblem: true },
  })
  return connection !== null && connection.modelsState !== 'fresh' && connection.modelsProblem === null
}

/** Whether genres are fetched from MusicBrainz, and how far that is. */
export async function musicBrainzState(): Promise<GenresResponse['musicBrainz']> {
  const isOn = musicBrainz() !== null
  if (!isOn) return { isOn, waiting: 0, problem: null, problemAt: null }
  const [waiting, pace] = await Promise.all([
    db().artistGenres.count({ where: { fetchedAt: null } }),
    db().musicBrainzPace.findFirst(),
  ])
  return { isOn, waiting, problem: pace?.problem ?? null, problemAt: toIso(pace?.problemAt) }
}

/** All artists, the most played first, with their genres. @throws Refused 409 where no embedded copy is kept */
export async function artistsWithGenres(userId: string): Promise<GenresResponse['artists']> {
  const listener = await listenerData(userId)
  // Not cached: it is much, and rarely requested.
  const found = await readEmbedded(listener, async ({ table, has, query }) => {
    if (!has(DIM_ARTISTS, DIM_GENRES)) return []
    const rows = await query(
      `select d.artist_id as id, d.name, null as artwork, d.plays, g.*
      from ${table(DIM_ARTISTS)} d left join (${genreColumns(table)}) g on g.artist_key = d.artist_key
      order by d.plays desc, d.artist_id`,
      [],
      MAX_FILE_ROWS,
    )
    return rows.map(artistOf)
  })
  return withChoices(userId, found ?? [])
}

/** The same as CSV. @throws as `artistsWithGenres` */
export async function genresFile(userId: string) {
  const artists = await artistsWithGenres(userId)
  return {
    name: 'genres.csv',
    mediaType: 'text/csv; charset=utf-8',
    bytes: (async function* () {
      const encoder = new TextEncoder()
      yield encoder.encode(BYTE_ORDER_MARK + csvLine(['artist_id', 'artist_name', 'artist_genre', 'source']))
      for (const { id, name, genres, source } of artists)
        yield encoder.encode(csvLine([id, name, genres.join(', ') || null, source]))
    })(),
  }
}
