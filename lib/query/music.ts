import type { Album, Artist, Listening, Track } from '#lib/api/music.ts'
import type { PeriodQuery } from '#lib/api/period.ts'
import { Link } from '#lib/charts/link.ts'
import { toIso } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { calendarOf, type DateRange, type Period, type PeriodSelection } from '#lib/core/period.ts'
import type { Cell, Row, Table, TableName } from '#lib/core/table.ts'
import { AGG_DAYS, DIM_ALBUMS, DIM_ARTISTS, DIM_TRACKS, FCT_PLAYS } from '#lib/models/tables.ts'
import { followedArtists } from '#lib/streams/followed-artists.ts'
import { playlistItems } from '#lib/streams/playlist-items.ts'
import { playlists } from '#lib/streams/playlists.ts'
import { savedAlbums } from '#lib/streams/saved-albums.ts'
import { savedTracks } from '#lib/streams/saved-tracks.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { described } from './described.ts'
import { queryEmbedded, type Tables } from './embedded.ts'
import { artistGenres, currentGenres, withChoices } from './genres.ts'
import { firstDayOf, listenerData } from './listener-data.ts'
import { resolveQuery } from './period.ts'
import { recordingOf, songsAlike, songsCountedAs } from './recordings.ts'

/** What is known about one song, artist or album. The raw tables describe it, and models add the plays. */

/** A page about one thing shows all of it unless somebody selects a period. */
export const MUSIC_PERIOD: PeriodSelection = { period: 'all', compare: 'previous' }

const LIKED = streamTable(savedTracks)
const SAVED = streamTable(savedAlbums)
const FOLLOWED = streamTable(followedArtists)
const PLAYLISTS = streamTable(playlists)
const PLAYLIST_ITEMS = streamTable(playlistItems)

const MAX_CREDITS = 20
const MAX_PLAYLISTS = 100
/** Entries shown above and below in a ranking. */
const NEIGHBORS = 2

interface Kind {
  dim: TableName
  /** The prefix of `_id` and `_key` columns. */
  column: 'track' | 'artist' | 'album'
  title: string
  /** Columns of the dimension `d` that a ranking shows. */
  artists: string
  artwork: string
  /** Joins what `artwork` needs. */
  join(table: Tables['table']): string
}

const KINDS = {
  tracks: {
    dim: DIM_TRACKS,
    column: 'track',
    title: 'song',
    artists: 'd.artist_names',
    artwork: 'coalesce(al.image_small_url, al.image_url)',
    join: (table) => `left join ${table(DIM_ALBUMS)} al on al.album_key = d.album_key`,
  },
  artists: {
    dim: DIM_ARTISTS,
    column: 'artist',
    title: 'artist',
    artists: 'cast(null as varchar)',
    artwork: 'coalesce(d.image_small_url, d.image_url)',
    join: () => '',
  },
  albums: {
    dim: DIM_ALBUMS,
    column: 'album',
    title: 'album',
    artists: 'd.artist_names',
    artwork: 'coalesce(d.image_small_url, d.image_url)',
    join: () => '',
  },
} satisfies Record<string, Kind>

type KindName = keyof typeof KINDS

/** One of them in one period. */
interface Subject extends Kind {
  id: string
  /** It and the other songs that count as it. */
  ids: string[]
  /** Those others. */
  others: Track['countedTogether']
  period: Period
  compared: DateRange | null
  firstDay: string | null
  asOf: string | null
}

/**
 * A song with the listener's plays of it.
 * @returns with another id than the requested one if that was made of names and Spotify's id is known by now, or if it
 * counts as another recording
 * @throws Refused 404 for an unknown id, 400 for an invalid period, 409 where no embedded copy is kept
 */
export function findTrack(userId: string, id: string, requested: PeriodQuery): Promise<Track> {
  return find(userId, 'tracks', id, requested, async (subject, row, tables) => {
    const [common, artists, album, likedAt, alike] = await Promise.all([
      commonOf(subject, row, tables),
      artistsOf(row, tables),
      albumOf(row, tables),
      addedAt(subject.ids, LIKED, tables),
      songsAlike(subject.id, tables),
    ])
    const [artist] = artists
    const genres = artist ? (await artistGenres(tables, artist.id)).genres : []
    return {
      ...common,
      countedTogether: subject.others,
      alike,
      genres: genres.join(', ') || null,
      artwork: common.artwork ?? album?.artwork ?? null,
      artists,
      album: album && { id: album.id, name: album.name },
      durationMs: number(row.duration_ms),
      explicit: typeof row.explicit === 'boolean' ? row.explicit : null,
      released: album?.released ?? null,
      likedAt,
    }
  })
}

/** An artist with the listener's plays. @returns and throws as `findTrack` */
export async function findArtist(userId: string, id: string, requested: PeriodQuery): Promise<Artist> {
  const found = await find(userId, 'artists', id, requested, async (subject, row, tables) => {
    const [common, known, songs, albums, followed] = await Promise.all([
      commonOf(subject, row, tables),
      artistGenres(tables, subject.id),
      countOf(KINDS.tracks, subject, tables),
      countOf(KINDS.albums, subject, tables),
      isIn(FOLLOWED, subject.id, tables),
    ])
    return { ...common, known, songs, albums, isFollowed: followed }
  })
  // Not cached with the rest, which changes with the next build only.
  const { known, ...artist } = found
  const { genres, source } = await currentGenres(userId, artist.id, known)
  return { ...artist, genres: genres.join(', ') || null, genreSource: source }
}

/** An album with the listener's plays. @returns and throws as `findTrack` */
export async function findAlbum(userId: string, id: string, requested: PeriodQuery): Promise<Album> {
  const { known, ...album } = await find(userId, 'albums', id, requested, async (subject, row, tables) => {
    const [common, artists, songs, savedAt] = await Promise.all([
      commonOf(subject, row, tables),
      artistsOf(row, tables),
      countOf(KINDS.tracks, subject, tables),
      addedAt(subject.ids, SAVED, tables),
    ])
    return {
      ...common,
      known: await Promise.all(
        artists.map(async (artist) => ({ ...artist, ...(await artistGenres(tables, artist.id)) })),
      ),
      artists,
      kind: text(row.album_type),
      released: text(row.release_date),
      totalTracks: number(row.total_tracks),
      songs,
      label: text(row.label),
      savedAt,
    }
  })
  const genres = (await withChoices(userId, known)).flatMap(({ genres: named, source, ...artist }) =>
    named.length > 0 && source ? [{ ...artist, genres: named, source }] : [],
  )
  return { ...album, genres }
}

async function find<Found extends { id: string }>(
  userId: string,
  name: KindName,
  id: string,
  requested: PeriodQuery,
  describe: (subject: Subject, row: Row, tables: Tables) => Promise<Found>,
): Promise<Found> {
  const listener = await listenerData(userId)
  const firstDay = await firstDayOf(listener)
  const { period, compared } = resolveQuery(requested, calendarOf(listener, firstDay), MUSIC_PERIOD)
  const kind = KINDS[name]
  const key = JSON.stringify([name, id, listener.zone, period, compared])
  const asOf = toIso(listener.dataAsOf)
  const found = await queryEmbedded(listener, key, async (tables) => {
    const named = await rowOf(kind, id, tables)
    const known = named && name === 'tracks' ? await standsFor(named, tables) : named
    if (!known) throw unknown(kind, id)
    const others = name === 'tracks' ? await songsCountedAs(known.id, tables) : []
    const ids = [known.id, ...others.map((one) => one.id)]
    return describe({ ...kind, id: known.id, ids, others, period, compared, firstDay, asOf }, known.row, tables)
  })
  if (!found) throw unknown(kind, id)
  return found
}

function unknown({ column, title }: Kind, id: string): Refused {
  return new Refused(
    404,
    `unknown-${column}`,
    `Your music has no ${title} "${id.slice(0, 40)}"`,
    'Search for its name: a listener only has what they played, liked or have in a playlist.',
  )
}

const FROM_NAMES = /^n-[0-9a-f]{16}$/

/** What is known of an id; of the one that Spotify has for the same names, if it has taken over. */
async function rowOf(kind: Kind, id: string, tables: Tables): Promise<{ id: string; row: Row } | null> {
  const { dim, column } = kind
  const { table, has, query } = tables
  const music = described(column, tables)
  const [row] = music ? await query(`select * from ${music} m where id = ?`, [id]) : []
  const [played] = has(dim) ? await query(`select plays from ${table(dim)} where ${column}_id = ?`, [id]) : []
  if (FROM_NAMES.test(id) && !played?.plays) {
    const learned = await learnedId(kind, id, tables)
    if (learned) return rowOf(kind, learned, tables)
  }
  // Some plays name an id that nothing describes.
  return row || played ? { id, row: row ?? {} } : null
}

/** Spotify's id of the music whose names an id was made of; see `idFromNames`. */
async function learnedId({ dim, column }: Kind, id: string, tables: Tables): Promise<string | null> {
  const { table, has, query } = tables
  const [music, artists] = [described(column, tables), described('artist', tables)]
  if (!music || !artists) return null
  const ofArtist = column !== 'artist'
  const names = ofArtist ? `t.folded || chr(10) || coalesce(a.folded, '')` : 't.folded'
  const [row] = await query(
    `select t.id from ${music} t
      ${ofArtist ? `left join ${artists} a on a.id = t.artist_id` : ''}
      ${has(dim) ? `left join ${table(dim)} d on d.${column}_id = t.id` : ''}
      where not starts_with(t.id, 'n-') and 'n-' || substr(sha256(${names}), 1, 16) = ?
      order by ${has(dim) ? 'd.plays desc nulls last,' : ''} t.id`,
    [id],
    1,
  )
  return text(row?.id)
}

/** The song that a song counts as; usually itself. */
async function standsFor(found: { id: string; row: Row }, tables: Tables): Promise<{ id: string; row: Row } | null> {
  const recording = await recordingOf(found.id, tables)
  return recording === found.id ? found : rowOf(KINDS.tracks, recording, tables)
}

async function commonOf(subject: Subject, row: Row, tables: Tables) {
  const [listening, contained] = await Promise.all([listeningOf(subject, tables), playlistsOf(subject, row, tables)])
  return {
    id: subject.id,
    name: text(row.name),
    artwork: link(row.image_url) ?? link(row.image_small_url),
    url: link(row.spotify_url),
    asOf: subject.asOf,
    listening,
    playlists: contained,
  }
}

async function listeningOf(subject: Subject, tables: Tables): Promise<Listening> {
  const { period, compared, firstDay } = subject
  const isCovered = compared !== null && firstDay !== null && compared.from >= firstDay
  const [now, before, [all], [ever], rank] = await Promise.all([
    amountsOf(subject, period, tables),
    isCovered ? amountsOf(subject, compared, tables) : null,
    tables.has(AGG_DAYS)
      ? tables.query(
          `select sum(plays) as plays from ${tables.table(AGG_DAYS)} where day between cast(? as date) and cast(? as date)`,
          [period.from, period.to],
        )
      : [],
    tables.has(subject.dim)
      ? tables.query(
          `select plays, first_played_at, last_played_at from ${tables.table(subject.dim)} where ${subject.column}_id = ?`,
          [subject.id],
        )
      : [],
    rankOf(subject, tables),
  ])
  const total = number(all?.plays) ?? 0
  return {
    period: { preset: period.preset, from: period.from, to: period.to },
    plays: now.plays,
    minutes: now.minutes,
    days: now.days,
    share: total > 0 ? Math.round((10_000 * now.plays) / total) / 100 : 0,
    previous: before &&
      compared && { plays: before.plays, minutes: before.minutes, from: compared.from, to: compared.to },
    since: firstDay !== null && firstDay > period.from ? firstDay : null,
    firstPlayedAt: text(ever?.first_played_at),
    lastPlayedAt: text(ever?.last_played_at),
    playsEver: number(ever?.plays) ?? 0,
    rank,
  }
}

/** Counted plays of the subject in a range. */
async function amountsOf(
  { dim, column, id }: Subject,
  { from, to }: DateRange,
  { table, has, query }: Tables,
): Promise<{ plays: number; minutes: number; days: number }> {
  const [row] = has(FCT_PLAYS, dim)
    ? await query(
        `select count(*) as plays, round(sum(ms_played) / 60000.0) as minutes, count(distinct day) as days
          from ${table(FCT_PLAYS)} where counts and day between cast(? as date) and cast(? as date)
            and ${column}_key in (select ${column}_key from ${table(dim)} where ${column}_id = ?)`,
        [from, to, id],
      )
    : []
  return { plays: number(row?.plays) ?? 0, minutes: number(row?.minutes) ?? 0, days: number(row?.days) ?? 0 }
}

/** The place among all others by plays, with those around it. Names are joined last. */
async function rankOf(
  { dim, column, id, period, artists, artwork, join }: Subject,
  { table, has, query }: Tables,
): Promise<Listening['rank']> {
  if (!has(FCT_PLAYS, DIM_TRACKS, DIM_ARTISTS, DIM_ALBUMS)) return null
  const key = `${column}_key`
  const rows = await query(
    `with counted as (select ${key}, count(*) as plays, sum(ms_played) as ms from ${table(FCT_PLAYS)}
        where counts and ${key} is not null and day between cast(? as date) and cast(? as date) group by ${key}),
      ranked as (select *, rank() over (order by plays desc, ms desc) as rank,
        row_number() over (order by plays desc, ms desc, ${key}) as position, count(*) over () as total from counted),
      own as (select position from ranked where ${key} in (select ${key} from ${table(dim)} where ${column}_id = ?))
    select r.rank, r.total, r.plays, round(r.ms / 60000.0) as minutes, d.${column}_id as id, d.name,
      ${artists} as artists, ${artwork} as artwork
    from ranked r cross join own join ${table(dim)} d on d.${key} = r.${key} ${join(table)}
    where r.position between own.position - ${NEIGHBORS} and own.position + ${NEIGHBORS}
    order by r.position`,
    [period.from, period.to, id],
  )
  const own = rows.find((row) => row.id === id)
  if (!own) return null
  return {
    rank: Number(own.rank),
    of: Number(own.total),
    neighbors: rows.map((row) => ({
      rank: Number(row.rank),
      id: String(row.id),
      name: text(row.name),
      artists: text(row.artists),
      artwork: link(row.artwork),
      plays: Number(row.plays),
      minutes: Number(row.minutes),
    })),
  }
}

/** The playlists that contain the subject or songs of it. Local files in playlists have an address but no id. */
async function playlistsOf({ column, id, ids }: Subject, { uri }: Row, tables: Tables): Promise<Track['playlists']> {
  const { table, has, query } = tables
  const tracks = described('track', tables)
  if (!has(PLAYLISTS, PLAYLIST_ITEMS) || !tracks) return []
  const isTrack = column === 'track'
  const rows = await query(
    `select p.id, p.name, coalesce(p.image_small_url, p.image_url) as artwork, c.songs
      from (select i.playlist_id, count(*) as songs from ${table(PLAYLIST_ITEMS)} i
        ${isTrack ? `where i.track_id in (${placesFor(ids)}) or i.uri = ?` : `join ${tracks} t on t.id = i.track_id where t.${column}_id = ?`}
        group by i.playlist_id) c
      join ${table(PLAYLISTS)} p on p.id = c.playlist_id
      order by c.songs desc, p.rank`,
    isTrack ? [...ids, uri ?? null] : [id],
    MAX_PLAYLISTS,
  )
  return rows.map((row) => ({
    id: String(row.id),
    name: text(row.name),
    artwork: link(row.artwork),
    songs: Number(row.songs),
  }))
}

/** The artists that a song or album names, with the names that are known of them. */
async function artistsOf({ artist_ids: joined }: Row, tables: Tables): Promise<Track['artists']> {
  const ids = typeof joined === 'string' ? joined.split(', ').slice(0, MAX_CREDITS) : []
  const artists = described('artist', tables)
  if (ids.length === 0 || !artists) return []
  const rows = await tables.query(
    `select id, name from ${artists} m where id in (${ids.map(() => '?').join(', ')})`,
    ids,
  )
  const names = new Map(rows.map(({ id, name }) => [id, text(name)]))
  return [...new Set(ids)].map((id) => ({ id, name: names.get(id) ?? null }))
}

async function albumOf({ album_id: id, album_name: name }: Row, tables: Tables) {
  if (typeof id !== 'string') return null
  const albums = described('album', tables)
  const [row] = albums ? await tables.query(`select * from ${albums} m where id = ?`, [id]) : []
  return {
    id,
    name: text(row?.name) ?? text(name),
    artwork: link(row?.image_url) ?? link(row?.image_small_url),
    released: text(row?.release_date),
  }
}

/** As many as the lists of songs and albums have, which are charts of the models. */
async function countOf(of: Kind, { dim, column, id }: Subject, tables: Tables): Promise<number> {
  const { table, has, query } = tables
  const music = described(of.column, tables)
  const source = has(of.dim, dim)
    ? `${table(of.dim)} where ${column}_key in (select ${column}_key from ${table(dim)} where ${column}_id = ?)`
    : music && `${music} m where ${column}_id = ?`
  // An artist's list has each recording once.
  const counted = of.column === 'track' && column === 'artist' && has(of.dim, dim) ? 'distinct recording_key' : '*'
  const [row] = source ? await query(`select count(${counted}) as count from ${source}`, [id]) : []
  return Number(row?.count ?? 0)
}

async function addedAt(ids: string[], list: Table, { table, has, query }: Tables): Promise<string | null> {
  if (!has(list)) return null
  const [row] = await query(`select max(added_at) as added_at from ${table(list)} where id in (${placesFor(ids)})`, ids)
  return text(row?.added_at)
}

async function isIn(list: Table, id: string, { table, has, query }: Tables): Promise<boolean> {
  return has(list) && (await query(`select id from ${table(list)} where id = ?`, [id], 1)).length > 0
}

const placesFor = (ids: string[]) => ids.map(() => '?').join(', ')

const text = (cell: Cell | undefined) => (typeof cell === 'string' ? cell : null)
const number = (cell: Cell | undefined) => (typeof cell === 'number' ? cell : null)
const link = (cell: Cell | undefined) => Link.parse(text(cell))
