import { randomUUID } from 'node:crypto'
import { log } from '#lib/core/log.ts'
import type { Json, Row, Table } from '#lib/core/table.ts'
import { db, type WarehouseConnection } from '#lib/db.ts'
import { addLogLine } from '#lib/runs/runs.ts'
import { Album, Artist, Play, Track } from '#lib/spotify/objects.ts'
import { TABLES_VERSION } from '#lib/storage/destinations.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { importedPlays } from '#lib/streams/imported-plays.ts'
import { streams } from '#lib/streams/index.ts'
import { MUSIC_TABLES, type MusicObjects, musicRows } from '#lib/streams/music.ts'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import { streamTable, tablesOf } from '#lib/streams/stream.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { MusicCollector } from './music.ts'

/**
 * Brings the tables of an embedded warehouse that an older version made to the layout of this one. Every step can be
 * repeated, and what it replaces goes last, so that a crash in between loses nothing.
 */

/** Until version 1, each play repeated everything that Spotify says about its song. */
export const WIDE_PLAYS: Table = {
  schema: 'raw',
  name: 'user_recently_played_stream',
  columns: {
    synced_at: 'timestamp',
    played_at: 'timestamp',
    context_type: 'text',
    context_uri: 'text',
    id: 'text',
    name: 'text',
    type: 'text',
    uri: 'text',
    disc_number: 'integer',
    track_number: 'integer',
    duration_ms: 'integer',
    explicit: 'boolean',
    album: 'json',
    artists: 'json',
    external_ids: 'json',
    external_urls: 'json',
  },
  key: ['played_at', 'uri'],
}

/**
 * Upgrades the tables if they are older than this version. A warehouse that has no file yet gets tables of this version.
 * @param streamRunId whose log says so
 */
export async function upgradeTables(connection: WarehouseConnection, streamRunId: string | null): Promise<void> {
  const { id, userId, tablesVersion } = connection
  if (tablesVersion >= TABLES_VERSION) return
  if (tablesVersion < 1 && hasEmbeddedCopy(userId)) {
    const plays = await narrowPlays(await openEmbeddedCopy({ userId }))
    const message = `Moved ${plays} plays into a smaller table, and songs, albums and artists into tables of their own.`
    if (plays > 0 && streamRunId) await addLogLine(streamRunId, 'info', message)
    log.info('a warehouse has new tables', { connectionId: id, plays })
  }
  if (tablesVersion < 2 && hasEmbeddedCopy(userId)) await separateImportedMusic(id, await openEmbeddedCopy({ userId }))
  // Charts of this version need columns that the models of the last one lack.
  const modelsState = hasEmbeddedCopy(userId) ? { modelsState: 'urgent' } : {}
  await db().warehouseConnection.update({ where: { id }, data: { tablesVersion: TABLES_VERSION, ...modelsState } })
}

/**
 * Until version 2, what imports say about music was mixed with what Spotify says. Rows that only imports have described
 * are removed, and the imports loaded again, which now fill tables of their own.
 */
async function separateImportedMusic(connectionId: string, warehouse: EmbeddedWarehouse): Promise<void> {
  const imports = { connectionId, state: 'loaded' as const, read: { stream: importedPlays.name } }
  if ((await db().loadLedger.count({ where: imports })) === 0) return
  await warehouse.build([streamTable(importedPlays), ...MUSIC_TABLES], async (run) => {
    // Spotify always sends an address, except for local files, which have a length.
    await run(`delete from raw.tracks where spotify_url is null and duration_ms is null
      and id in (select track_id from raw.imported_plays)`)
    for (const kind of ['album', 'artist'])
      await run(`delete from raw.${kind}s where spotify_url is null and image_url is null
        and id in (select ${kind}_id from raw.imported_plays) and starts_with(id, 'n-')`)
  })
  await db().loadLedger.updateMany({ where: imports, data: { state: 'waiting', round: { increment: 1 } } })
}

/** @returns how many plays were moved */
async function narrowPlays(warehouse: EmbeddedWarehouse): Promise<number> {
  // A repetition loads again, which adds nothing twice.
  const readId = `tables 1 ${randomUUID()}`
  const music = new MusicCollector()
  music.start({ id: readId })
  for (const table of [WIDE_PLAYS, ...streams.flatMap(tablesOf)]) await addMusicOf(warehouse, table, music)
  for (const load of music.loads({ runId: '', older: true })) await warehouse.load(load)
  const { new: moved } = await warehouse.load({
    readId,
    runId: '',
    stream: recentlyPlayed.name,
    table: streamTable(recentlyPlayed),
    mode: 'merge',
    rows: narrowRows(warehouse),
  })
  await warehouse.drop(WIDE_PLAYS)
  return moved
}

async function* narrowRows(warehouse: EmbeddedWarehouse): AsyncGenerator<Row[]> {
  for await (const rows of warehouse.rowsOf(WIDE_PLAYS)) yield rows.map(narrowPlay).filter((row) => row !== null)
}

/** A play of the former table as this version stores it; null if it can't be a play. */
export function narrowPlay(row: Record<string, unknown>): Row | null {
  const context = { type: row.context_type, uri: row.context_uri }
  const play = Play.safeParse({ played_at: row.played_at, context, track: row }).data
  const narrow = play && recentlyPlayed.row(play, { rank: 0, syncedAt: String(row.synced_at), part: null })
  return narrow && !('rejected' in narrow) ? (narrow as Row) : null
}

/** Adds the music that the rows of a table describe. */
async function addMusicOf(warehouse: EmbeddedWarehouse, table: Table, music: MusicCollector): Promise<void> {
  for await (const rows of warehouse.rowsOf(table))
    for (const row of rows) music.add(musicRows(musicOf(row), String(row.synced_at ?? row.added_at)))
}

/** Rows have the fields of their object as columns, and what lies deeper as JSON. */
function musicOf(row: Row): MusicObjects {
  const object: Json = row.item && typeof row.item === 'object' && !Array.isArray(row.item) ? row.item : row
  const type = 'type' in object ? object.type : null
  if (type === 'track') return { tracks: [Track.safeParse(object).data] }
  if (type === 'album') return { albums: [Album.safeParse(object).data] }
  return type === 'artist' ? { artists: [Artist.safeParse(object).data] } : {}
}
