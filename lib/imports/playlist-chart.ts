import { titleOfChart } from '#lib/api/chart-names.ts'
import type { ChartPlaylist } from '#lib/api/imports.ts'
import type { ExportKind, ImportRejection } from '#lib/api/lists.ts'
import { Refused, Stop } from '#lib/core/errors.ts'
import { isDay } from '#lib/core/period.ts'
import { toStorable } from '#lib/core/storable.ts'
import { db, type Import, type StreamRead } from '#lib/db.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { playlistItems } from '#lib/streams/playlist-items.ts'
import { playlists } from '#lib/streams/playlists.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { landOtherPage } from './land-import.ts'
import type { ChartRow } from './reader/messages.ts'
import { createImport } from './upload.ts'

/**
 * A chart that the listener has copied into a playlist of theirs, because Spotify shows its own chart playlists to no new
 * app. It is an import without files: its rows are the playlist's songs as they were last synced.
 */

const [PLAYLISTS, ITEMS] = [playlists, playlistItems].map(streamTable) as [
  ReturnType<typeof streamTable>,
  ReturnType<typeof streamTable>,
]

/** Spotify's longest charts. */
const MAX_SONGS = 200
const MAX_NAME = 200
const CHARTS = 'charts' satisfies ExportKind

interface Copied {
  name: string
  /** In the playlist's order, with what is no song. */
  rows: { position: number; isSong: boolean; uri: string | null; name: string | null; artists: string | null }[]
}

/** A playlist with its songs; null if it isn't there. At most one song more than a chart has. */
async function copiedChart(userId: string, playlist: string): Promise<Copied | null> {
  if (!hasEmbeddedCopy(userId)) return null
  const warehouse = await openEmbeddedCopy({ userId })
  const tables = [PLAYLISTS, ITEMS].map(({ name }) => name)
  if ((await warehouse.existing('raw', tables)).length < tables.length) return null
  const [lists, items] = tables.map((name) => warehouse.table('raw', name))
  const [found] = await warehouse.query(`select name from ${lists} where id = ?`, [playlist])
  if (!found) return null
  const rows = await warehouse.query(
    `select position, item_type = 'track' as is_song, uri, name, artist_names from ${items}
     where playlist_id = ? order by position`,
    [playlist],
    { limit: MAX_SONGS + 1 },
  )
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return {
    name: toStorable(text(found.name) ?? 'Playlist').slice(0, MAX_NAME),
    rows: rows.map((row) => ({
      position: Number(row.position),
      isSong: row.is_song === true,
      uri: text(row.uri),
      name: text(row.name),
      artists: text(row.artist_names),
    })),
  }
}

/**
 * Lets a job import a playlist as a chart.
 * @returns the id of the import
 * @throws Refused 400, 404, 409
 */
export async function importChartPlaylist(
  { id: userId }: { id: string },
  { playlist, chart, day }: ChartPlaylist,
  today: string,
): Promise<{ id: string }> {
  if (!isDay(day) || day > today)
    throw new Refused(400, 'no-chart', 'This day is in the future', 'Choose the last day that the chart covers.', {
      day: 'is in the future',
    })
  const copied = await copiedChart(userId, playlist)
  if (!copied)
    throw new Refused(
      404,
      'unknown-playlist',
      'This playlist isn’t among the synced ones',
      'Sync your playlists, then try again.',
    )
  const songs = copied.rows.filter(({ isSong }) => isSong).length
  if (songs === 0)
    throw new Refused(
      400,
      'no-chart',
      'No songs of this playlist are known',
      'Spotify only shows the songs of your own and collaborative playlists. Copy the chart into one, then sync.',
    )
  if (copied.rows.length > MAX_SONGS)
    throw new Refused(
      400,
      'no-chart',
      `This playlist has more than ${MAX_SONGS} songs`,
      'No chart is that long. Choose a playlist that has only the chart.',
    )
  const id = await createImport(userId, {
    names: [`${copied.name}: ${titleOfChart(chart)}`],
    playlist: { id: playlist, chart, day },
  })
  return { id }
}

/** Lands the songs of an import's playlist. Repeating it lands the same page again. @throws Stop if they are gone */
export async function readPlaylist({ id: importId, userId, playlist }: Import, read: StreamRead): Promise<void> {
  const { id, chart, day } = playlist as { id: string; chart: string; day: string }
  const copied = await copiedChart(userId, id)
  const items = (copied?.rows ?? []).flatMap((row): ChartRow[] => (row.isSong ? [entryOf(row)] : []))
  if (!copied || items.length === 0)
    throw new Stop('The playlist is gone', { remedy: 'Sync your playlists, then choose it again.' })
  const page = { source: 'playlist', chart, day, items } as const
  await landOtherPage(read, { member: 0, number: 0 }, page)
  const others = copied.rows.length - items.length
  const rejected: Partial<Record<ImportRejection, number>> = others > 0 ? { 'no track': others } : {}
  const member = {
    file: copied.name,
    name: copied.name,
    kind: CHARTS,
    state: 'read',
    read: copied.rows.length,
    rejected,
  }
  await db().importMember.upsert({
    where: { importId_position: { importId, position: 0 } },
    create: { importId, position: 0, ...member },
    update: member,
  })
}

function entryOf({ position, uri, name, artists }: Copied['rows'][number]): ChartRow {
  const unknown = { source: null, peakRank: null, previousRank: null, timeOnChart: null, streams: null }
  return { rank: position, uri, track: name, artists, ...unknown }
}
