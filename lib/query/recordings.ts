import type { Track } from '#lib/api/music.ts'
import type { Recording, RecordingsResponse, Suggestion } from '#lib/api/recordings.ts'
import { Link } from '#lib/charts/link.ts'
import type { Cell, Row } from '#lib/core/table.ts'
import { DIM_ALBUMS, DIM_ARTISTS, DIM_TRACKS, FCT_PLAYS } from '#lib/models/tables.ts'
import { RECORDING_CHOICES } from '#lib/streams/decisions.ts'
import { queryEmbedded, type Tables } from './embedded.ts'
import { listenerData } from './listener-data.ts'
import { cleanedTitle, mayBeSame } from './same-title.ts'

/** Songs that count as one recording, and those that probably should; see decision 74. */

const MAX_MEMBERS = 50
const MAX_ALIKE = 5
/** Songs of one artist that are compared by title. */
const MAX_COMPARED = 2_000
/** Songs of a listener that are compared by title, the most played. */
const MAX_COMPARED_IN_ALL = 20_000
/** In the lists of all recordings. */
const MAX_LISTED = 100

const text = (cell: Cell | undefined) => (typeof cell === 'string' ? cell : null)
const number = (cell: Cell | undefined) => (typeof cell === 'number' ? cell : null)

/** The id of the song that a song counts as; its own if it counts by itself. */
export async function recordingOf(id: string, { table, has, query }: Tables): Promise<string> {
  if (!has(DIM_TRACKS)) return id
  const [row] = await query(
    `select other.track_id from ${table(DIM_TRACKS)} one
      join ${table(DIM_TRACKS)} other on other.track_key = one.recording_key where one.track_id = ?`,
    [id],
    1,
  )
  return text(row?.track_id) ?? id
}

/** A song with its album and its own plays, of `d`. */
const SONG = `d.track_id, d.name, d.artist_names, d.duration_ms, al.album_id, al.name as album_name`

const songOf = (row: Row) => ({
  id: String(row.track_id),
  name: text(row.name),
  artists: text(row.artist_names),
  album: typeof row.album_id === 'string' ? { id: row.album_id, name: text(row.album_name) } : null,
  durationMs: number(row.duration_ms),
  plays: Number(row.plays ?? 0),
})

/** The other songs that count as a song, which must be one that stands for its recording. */
export async function songsCountedAs(id: string, tables: Tables): Promise<Track['countedTogether']> {
  const { table, has, query } = tables
  if (!has(DIM_TRACKS, DIM_ALBUMS, FCT_PLAYS)) return []
  const rows = await query(
    `with rec as (select track_key from ${table(DIM_TRACKS)} where track_id = ?),
      own as (select coalesce(played_track_key, track_key) as played_key, count(*) as plays from ${table(FCT_PLAYS)}
        where counts and track_key in (select track_key from rec) group by 1)
    select ${SONG}, own.plays, ${chosenSql(tables)} as is_chosen
    from ${table(DIM_TRACKS)} d left join ${table(DIM_ALBUMS)} al on al.album_key = d.album_key
    left join own on own.played_key = d.track_key
    where d.recording_key in (select track_key from rec) and d.track_id <> ?
    order by own.plays desc nulls last, d.track_id`,
    [id, id],
    MAX_MEMBERS,
  )
  return rows.map((row) => ({ ...songOf(row), why: row.is_chosen ? ('chosen' as const) : ('isrc' as const) }))
}

/** Whether the listener has chosen what the song `d` counts as. */
function chosenSql({ table, has }: Tables): string {
  return has(RECORDING_CHOICES) ? `d.track_id in (select track_id from ${table(RECORDING_CHOICES)})` : 'false'
}

/** Songs of the same artist that may be the same recording but count by themselves. */
export async function songsAlike(id: string, tables: Tables): Promise<Track['alike']> {
  const { table, has, query } = tables
  if (!has(DIM_TRACKS, DIM_ALBUMS, DIM_ARTISTS)) return []
  const [song] = await query(
    `select d.name, d.duration_ms, d.artist_key, a.folded as artist from ${table(DIM_TRACKS)} d
      left join ${table(DIM_ARTISTS)} a on a.artist_key = d.artist_key where d.track_id = ?`,
    [id],
    1,
  )
  const name = text(song?.name)
  if (!song || !name || song.artist === null) return []
  const rows = await query(
    `select ${SONG}, d.plays
      from ${table(DIM_TRACKS)} d join ${table(DIM_ARTISTS)} a on a.artist_key = d.artist_key
      left join ${table(DIM_ALBUMS)} al on al.album_key = d.album_key
      where a.folded = ? and d.plays > 0 and d.track_key = d.recording_key and d.track_id <> ?
        and starts_with(d.folded, ?) and not ${chosenSql(tables)}
      order by d.plays desc, d.track_id`,
    [song.artist ?? null, id, startOf(name)],
    MAX_COMPARED,
  )
  const compared = { name, durationMs: number(song.duration_ms) }
  return rows
    .map(songOf)
    .filter((one) => mayBeSame(compared, { name: one.name ?? '', durationMs: one.durationMs }))
    .slice(0, MAX_ALIKE)
}

/** What titles begin with that are equal when cleaned: remarks come after it. */
const startOf = (title: string) => [...cleanedTitle(title)].slice(0, 2).join('')

/**
 * All recordings of several songs, those that the listener counts separately, and pairs of played songs that may be the
 * same recording, most played first.
 * @throws Refused 409 where no embedded copy is kept
 */
export async function listRecordings(userId: string): Promise<Omit<RecordingsResponse, 'isRebuilding' | 'problem'>> {
  const listener = await listenerData(userId)
  const found = await queryEmbedded(listener, 'recordings', async (tables) => {
    const [recordings, separate, suggestions] = await Promise.all([
      severalSongs(tables),
      separateSongs(tables),
      suggested(tables),
    ])
    return { recordings, separate, suggestions }
  })
  return found ?? { recordings: [], separate: [], suggestions: [] }
}

async function severalSongs(tables: Tables): Promise<Recording[]> {
  const { table, has, query } = tables
  if (!has(DIM_TRACKS, DIM_ALBUMS, FCT_PLAYS)) return []
  const rows = await query(
    `with played as (
        select r.track_key, r.plays from ${table(DIM_TRACKS)} r
        where r.plays > 0 and r.track_key in (select recording_key from ${table(DIM_TRACKS)} where recording_key <> track_key)
        order by r.plays desc, r.track_id limit ${MAX_LISTED}),
      own as (select coalesce(played_track_key, track_key) as played_key, count(*) as plays from ${table(FCT_PLAYS)}
        where counts and track_key in (select track_key from played) group by 1)
    select ${SONG}, own.plays, d.recording_key, d.track_key = d.recording_key as stands, played.plays as all_plays,
      coalesce(al.image_small_url, al.image_url) as artwork, ${chosenSql(tables)} as is_chosen
    from ${table(DIM_TRACKS)} d join played on played.track_key = d.recording_key
    left join ${table(DIM_ALBUMS)} al on al.album_key = d.album_key
    left join own on own.played_key = d.track_key
    order by played.plays desc, d.recording_key, stands desc, own.plays desc nulls last, d.track_id`,
    [],
    MAX_LISTED * MAX_MEMBERS,
  )
  return [...Map.groupBy(rows, (row) => row.recording_key)].flatMap(([, [first, ...others]]) =>
    first && others.length > 0
      ? {
          ...songOf(first),
          artwork: Link.parse(text(first.artwork)),
          plays: Number(first.all_plays),
          songs: others.map((row) => ({
            ...songOf(row),
            why: row.is_chosen ? ('chosen' as const) : ('isrc' as const),
          })),
        }
      : [],
  )
}

/** Songs that the listener chose to count by themselves. */
async function separateSongs({ table, has, query }: Tables): Promise<RecordingsResponse['separate']> {
  if (!has(DIM_TRACKS, DIM_ALBUMS, RECORDING_CHOICES)) return []
  const rows = await query(
    `select ${SONG}, d.plays from ${table(DIM_TRACKS)} d
      join ${table(RECORDING_CHOICES)} c on c.track_id = d.track_id and c.recording_id = d.track_id
      left join ${table(DIM_ALBUMS)} al on al.album_key = d.album_key
      order by d.plays desc, d.track_id`,
    [],
    MAX_LISTED,
  )
  return rows.map(songOf)
}

async function suggested(tables: Tables): Promise<Suggestion[]> {
  const { table, has, query } = tables
  if (!has(DIM_TRACKS, DIM_ALBUMS, DIM_ARTISTS)) return []
  // Titles that begin alike are few, and only these are compared one by one.
  const rows = await query(
    `select ${SONG}, d.plays, a.folded as artist
      from ${table(DIM_TRACKS)} d join ${table(DIM_ARTISTS)} a on a.artist_key = d.artist_key
      left join ${table(DIM_ALBUMS)} al on al.album_key = d.album_key
      where d.plays > 0 and d.track_key = d.recording_key and d.name is not null and not ${chosenSql(tables)}
      qualify count(*) over (partition by a.folded, substr(d.folded, 1, 2)) > 1
      order by d.plays desc, d.track_id`,
    [],
    MAX_COMPARED_IN_ALL,
  )
  const alike = Map.groupBy(rows, (row) => `${row.artist}\n${cleanedTitle(String(row.name))}`)
  return [...alike.values()]
    .flatMap((songs) => {
      const [first, ...others] = songs.map(songOf)
      if (!first) return []
      const same = others.filter((one) => mayBeSame(named(first), named(one)))
      return same.map((one) => ({ song: one, recording: first }))
    })
    .sort((one, other) => other.song.plays - one.song.plays)
    .slice(0, MAX_LISTED)
}

const named = ({ name, durationMs }: { name: string | null; durationMs: number | null }) => ({
  name: name ?? '',
  durationMs,
})
