import { type ArtistGenres, type GenreChange, Genres, type GenresImport } from '#lib/api/genres.ts'
import { now } from '#lib/core/clock.ts'
import { BYTE_ORDER_MARK } from '#lib/core/csv.ts'
import { Refused } from '#lib/core/errors.ts'
import { fold } from '#lib/core/fold.ts'
import { toStorable } from '#lib/core/storable.ts'
import { db, Prisma } from '#lib/db.ts'
import { csvRows, separateLines } from '#lib/imports/reader/csv.ts'
import { markModelsUrgent } from '#lib/load/build.ts'
import { DIM_ARTISTS } from '#lib/models/tables.ts'
import { readEmbedded } from '#lib/query/embedded.ts'
import { artistGenres, artistsWithGenres, currentGenres } from '#lib/query/genres.ts'
import { listenerData } from '#lib/query/listener-data.ts'
import { EMBEDDED_KIND } from '#lib/warehouse/facts.ts'
import { requireUser } from './require-user.ts'

/** A listener's own genres. Postgres has them, so they survive a rebuild of a warehouse; each build takes over new ones. */

/** For each listener. */
const MAX_CHOICES = 50_000
/** Of an imported file. */
const MAX_ROWS = 100_000

const joined = (genres: string[] | null) => genres?.join(', ') ?? null

/**
 * Sets a listener's own genres for an artist, or removes them.
 * @returns what the artist has from now on; without genres while a build has to look for those of other sources
 * @throws Refused 404 for an artist that the listener doesn't have, 409 for too many or without an embedded copy
 */
export async function setGenres({ id: userId }: { id: string }, change: GenreChange): Promise<ArtistGenres> {
  const { artistId } = change
  const known = await readEmbedded(await listenerData(userId), async (tables) => {
    const { table, has, query } = tables
    if (!has(DIM_ARTISTS)) return { isKnown: false, genres: [], source: null }
    const rows = await query(`select artist_id from ${table(DIM_ARTISTS)} where artist_id = ?`, [artistId])
    return { isKnown: rows.length > 0, ...(await artistGenres(tables, artistId)) }
  })
  if (!known?.isKnown)
    throw new Refused(
      404,
      'unknown-artist',
      `Your music has no artist "${artistId.slice(0, 40)}"`,
      'Open the artist’s page and set its genres there.',
    )
  await saveChoices(userId, [{ artistId, genres: joined(change.genres) }])
  const { genres, source } = await currentGenres(userId, artistId, known)
  return { artistId, genres, source }
}

interface Choice {
  artistId: string
  genres: string | null
}

/** Saves choices that differ from those saved. @returns how many there were */
function saveChoices(userId: string, choices: Choice[]): Promise<number> {
  return db().$transaction(async (tx) => {
    // One change at a time, so that each is dated later than the ones before. Builds lock this row first too.
    const locked = await tx.$queryRaw<unknown[]>`
      select id from "WarehouseConnection" where "userId" = ${userId} and kind::text = ${EMBEDDED_KIND} for update`
    requireUser(locked[0] ?? null)
    const { _max, _count } = await tx.genreChoice.aggregate({
      where: { userId },
      _max: { changedAt: true },
      _count: true,
    })
    const changedAt = new Date(Math.max(now().getTime(), (_max.changedAt?.getTime() ?? 0) + 1))
    const changed = await tx.$executeRaw(Prisma.sql`
      insert into "GenreChoice" ("userId", "artistId", genres, "changedAt")
      select ${userId}, chosen.*, ${changedAt} from unnest(
        ${choices.map(({ artistId }) => artistId)}::text[], ${choices.map(({ genres }) => genres)}::text[]
      ) as chosen("artistId", genres)
      on conflict ("userId", "artistId") do update set genres = excluded.genres, "changedAt" = excluded."changedAt"
      where "GenreChoice".genres is distinct from excluded.genres`)
    if (_count + changed > MAX_CHOICES && (await tx.genreChoice.count({ where: { userId } })) > MAX_CHOICES)
      throw new Refused(
        409,
        'too-many-genres',
        `You can set genres for at most ${MAX_CHOICES.toLocaleString('en')} artists`,
        'Remove some of your own genres first.',
      )
    if (changed > 0) await markModelsUrgent(tx, userId)
    return changed
  })
}

interface FileRow {
  id: string
  name: string
  genres: string
}

/**
 * Adds the genres of a CSV file with artist_id, artist_name and artist_genre to a listener's own. An artist is found by
 * id, else by name. What other sources say already is not saved again.
 * @throws Refused 400 for another file, 409 for too many or without an embedded copy
 */
export async function importGenres({ id: userId }: { id: string }, csv: string): Promise<GenresImport> {
  const { rows, unreadable } = readFile(csv)
  const { ids, byName, current } = await knownArtists(userId)
  const counts = { saved: 0, unchanged: 0, withoutGenre: 0, unknown: 0, invalid: unreadable }
  const named = new Map<string, string[]>()
  for (const { id, name, genres } of rows) {
    const listed = genres.split(',').filter((genre) => genre.trim())
    const artistId = ids.has(id) ? id : byName.get(fold(name))
    if (listed.length === 0) counts.withoutGenre += 1
    else if (!artistId) counts.unknown += 1
    // Several rows of an artist list one genre each.
    else named.set(artistId, [...(named.get(artistId) ?? []), ...listed])
  }
  const choices: Choice[] = []
  for (const [artistId, listed] of named) {
    const { data: genres } = Genres.safeParse(listed)
    if (!genres) counts.invalid += 1
    else if (current.get(artistId) === joined(genres)) counts.unchanged += 1
    else choices.push({ artistId, genres: joined(genres) })
  }
  if (choices.length > 0) counts.saved = await saveChoices(userId, choices)
  return { ...counts, unchanged: counts.unchanged + choices.length - counts.saved }
}

/** What the listener's artists are called and which genres they have. */
async function knownArtists(userId: string) {
  const artists = await artistsWithGenres(userId)
  const names = Map.groupBy(artists, ({ name }) => fold(name ?? ''))
  return {
    ids: new Set(artists.map(({ id }) => id)),
    byName: new Map([...names].flatMap(([name, [one, other]]) => (one && !other && name ? [[name, one.id]] : []))),
    current: new Map(artists.map(({ id, genres }) => [id, joined(genres)])),
  }
}

/** @throws Refused 400 if it is no such file */
function readFile(csv: string): { rows: FileRow[]; unreadable: number } {
  const rows: FileRow[] = []
  let unreadable = 0
  let columns: number[] | undefined
  const bytes = Buffer.from(csv.startsWith(BYTE_ORDER_MARK) ? csv.slice(1) : csv)
  if (separateLines(bytes) === null) throw badFile('it has a line of more than 1 MB')
  for (const cells of csvRows(bytes)) {
    columns ??= columnsOf(cells ?? [])
    if (rows.length >= MAX_ROWS) throw badFile(`it has more than ${MAX_ROWS.toLocaleString('en')} rows`)
    const [id = '', name = '', genres = ''] = columns.map((column) => cellOf(cells?.[column]))
    if (cells) rows.push({ id, name, genres })
    else unreadable += 1
  }
  if (!columns) throw badFile('it is empty')
  return { rows: rows.slice(1), unreadable }
}

/** Where the columns are. @throws Refused 400 if the first line doesn't name them */
function columnsOf(header: string[]): number[] {
  const names = header.map((name) => name.trim().toLowerCase())
  const [id = -1, name = -1, genres = -1] = ['artist_id', 'artist_name', 'artist_genre'].map((column) =>
    names.indexOf(column),
  )
  if (genres === -1 || (id === -1 && name === -1))
    throw badFile('the first line must name the columns artist_id or artist_name, and artist_genre')
  return [id, name, genres]
}

/** As csvLine wrote it: an apostrophe in front guards spreadsheets. */
const cellOf = (cell = '') => toStorable(cell.replace(/^'(?='*[=+\-@\t\r\n])/, '')).trim()

const badFile = (reason: string) =>
  new Refused(
    400,
    'bad-genres-file',
    `This file can’t be read: ${reason}`,
    'Download your genres as CSV, change the artist_genre column, and upload that file.',
  )
