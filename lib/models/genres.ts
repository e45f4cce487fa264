import type { Cell } from '#lib/core/table.ts'
import { TOUCHED } from '#lib/warehouse/touched.ts'
import type { RunStatement } from '#lib/warehouse/warehouse.ts'

/** What a listener decided about the genres of an artist. */
export interface GenreChoice {
  artistId: string
  /** Joined by ", "; empty: none. Null: removed, so that other sources count again. */
  genres: string | null
  changedAt: Date
}

/** An artist that has not been looked up in any source. */
export interface UnknownArtist {
  name: string
  folded: string
  plays: number
}

/** Where the genres of a build come from. */
export interface GenreSources {
  /** What the listener decided after a moment, or ever, oldest first. */
  choicesSince(since: Date | null): Promise<GenreChoice[]>
  /** Stores choices for artists that have none. */
  addChoices(choices: GenreChoice[]): Promise<void>
  /** What MusicBrainz says about artists by folded names, joined by ", "; empty: nothing. Names without response are absent. */
  responses(folded: string[]): Promise<Map<string, string>>
}

interface MapRow {
  artistId: string
  source: 'own' | 'musicbrainz'
  genres: string | null
  changedAt: Date
}

/** DuckDB binds them one by one. */
const ROWS_PER_STATEMENT = 500
/** Names looked up at once, and how often in one build. */
const NAMES_PER_PAGE = 2_000
const MAX_PAGES = 10
/** As many as are queued after a build; the next one queues more. */
const MAX_UNKNOWN = 500
/** Artists that MusicBrainz did not know are looked up again after this. */
const LOOK_AGAIN_DAYS = 30

const sqlTime = (at: Date) => at.toISOString().replace('Z', '')

/** Brings the listener's own genres in raw.genre_map up to date. Each change is dated later than the ones before. */
export async function writeOwnGenres(
  run: RunStatement,
  { choicesSince, addChoices }: GenreSources,
  now: Date,
): Promise<void> {
  const [newest] = await run(`select max(changed_at) as changed_at from raw.genre_map where source = 'own'`)
  const known = typeof newest?.changed_at === 'string' ? new Date(newest.changed_at) : null
  await replaceRows(
    run,
    (await choicesSince(known)).map((choice) => ({ ...choice, source: 'own' })),
  )
  const carried = await carriedOver(run, now)
  await addChoices(carried)
  await replaceRows(
    run,
    carried.map((choice) => ({ ...choice, source: 'own' })),
  )
}

/** What the listener decided about an artist before Spotify's id of that artist was known. It stays with both ids. */
async function carriedOver(run: RunStatement, now: Date): Promise<GenreChoice[]> {
  const rows = await run(
    `select resolved.resolved_id as artist_id, min(own.genres) as genres
    from raw.resolved_ids as resolved
    inner join raw.genre_map as own on own.artist_id = resolved.id and own.source = 'own' and own.genres is not null
    left join raw.genre_map as decided on decided.artist_id = resolved.resolved_id and decided.source = 'own'
    where resolved.kind = 'artist' and decided.artist_id is null
    group by resolved.resolved_id limit ${NAMES_PER_PAGE}`,
  )
  return rows.map(({ artist_id, genres }) => ({
    artistId: String(artist_id),
    genres: String(genres),
    changedAt: now,
  }))
}

/**
 * Writes what is known about played artists without genres to raw.genre_map, most played first. Needs models.
 * @returns whether there was any, and artists of whom nothing is known yet
 */
export async function writeKnownGenres(
  run: RunStatement,
  { responses }: GenreSources,
  now: Date,
): Promise<{ written: boolean; unknown: UnknownArtist[] }> {
  const unknown: UnknownArtist[] = []
  let written = false
  let unanswered = 0
  for (let page = 0; page < MAX_PAGES; page++) {
    const artists = await unnamedArtists(run, now, unanswered)
    const known = await responses([...new Set(artists.map(({ folded }) => folded))])
    const rows: MapRow[] = []
    for (const { artistId, ...artist } of artists) {
      const genres = known.get(artist.folded)
      if (genres !== undefined) rows.push({ artistId, source: 'musicbrainz', genres, changedAt: now })
      else {
        unanswered += 1
        if (unknown.length < MAX_UNKNOWN) unknown.push(artist)
      }
    }
    await replaceRows(run, rows)
    written ||= rows.length > 0
    if (rows.length === 0 || artists.length < NAMES_PER_PAGE) break
  }
  return { written, unknown }
}

async function unnamedArtists(run: RunStatement, now: Date, offset: number) {
  const rows = await run(
    `select artists.artist_id, artists.name, artists.folded, heard.plays
    from analytical.int_artists as artists
    inner join analytical.agg_artists as heard on heard.artist_key = artists.artist_key
    left join (
      select distinct artist_id from raw.genre_map
      where (source = 'own' and genres is not null)
        or (source = 'musicbrainz' and (genres <> '' or changed_at > cast(? as timestamp)))
    ) as known on known.artist_id = artists.artist_id
    where known.artist_id is null and heard.plays > 0 and artists.folded <> '' and coalesce(artists.genres, '') = ''
    order by heard.plays desc, artists.artist_id limit ${NAMES_PER_PAGE} offset ${offset}`,
    [sqlTime(new Date(now.getTime() - LOOK_AGAIN_DAYS * 86_400_000))],
  )
  return rows.map(({ artist_id, name, folded, plays }) => ({
    artistId: String(artist_id),
    name: String(name),
    folded: String(folded),
    plays: Number(plays),
  }))
}

async function replaceRows(run: RunStatement, all: MapRow[]): Promise<void> {
  for (let start = 0; start < all.length; start += ROWS_PER_STATEMENT) {
    const rows = all.slice(start, start + ROWS_PER_STATEMENT)
    const keys = rows.flatMap(({ artistId, source }): Cell[] => [artistId, source])
    await run(`delete from raw.genre_map where (artist_id, source) in (${rows.map(() => '(?, ?)').join(', ')})`, keys)
    await run(
      `insert into raw.genre_map (artist_id, source, genres, changed_at)
      values ${rows.map(() => '(?, ?, ?, cast(? as timestamp))').join(', ')}`,
      rows.flatMap(({ artistId, source, genres, changedAt }): Cell[] => [artistId, source, genres, sqlTime(changedAt)]),
    )
    await run(
      `insert into ${TOUCHED} (table_name, id) values ${rows.map(() => `('genre_map', ?)`).join(', ')}`,
      rows.map(({ artistId }) => artistId),
    )
  }
}

/** Removes what other sources say about artists whom the models no longer have, for example after an undone import. */
export async function removeUnused(run: RunStatement): Promise<void> {
  await run(
    `delete from raw.genre_map
    where source <> 'own' and artist_id not in (select artist_id from analytical.int_artists)`,
  )
}
