import { MINUTE, now } from '#lib/core/clock.ts'
import { Wait } from '#lib/core/errors.ts'
import type { Row } from '#lib/core/table.ts'
import { db, type WarehouseConnection } from '#lib/db.ts'
import { MusicCollector } from '#lib/load/music.ts'
import { narrowPlay, WIDE_PLAYS } from '#lib/load/upgrade.ts'
import { keepsEmbeddedCopies, TABLES_VERSION } from '#lib/storage/destinations.ts'
import { importedPlays } from '#lib/streams/imported-plays.ts'
import { MUSIC } from '#lib/streams/index.ts'
import { musicRows } from '#lib/streams/music.ts'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { EMBEDDED_KIND } from '#lib/warehouse/facts.ts'
import type { ExternalWarehouse } from '#lib/warehouse/warehouse.ts'

/**
 * Brings the tables that an older version made in an external warehouse to the layout of this one. What it replaces is
 * renamed and stays: it is the listener's.
 */

/** More than anybody plays in the years since Tracklake exists. */
const MAX_PLAYS = 1_000_000
const QUERY_DEADLINE_MS = 5 * 60_000

/** @returns the connection, which may have tables to copy now */
export async function upgradeExternal(
  connection: WarehouseConnection,
  warehouse: ExternalWarehouse,
): Promise<WarehouseConnection> {
  const { id, copyStreams, tablesVersion } = connection
  const [found] = await warehouse.existing('raw', [WIDE_PLAYS.name])
  const copies = keepsEmbeddedCopies()
  if (copies) await requireUpgradedCopy(connection)
  const outdated = [...(tablesVersion < 1 ? [recentlyPlayed.name] : []), MUSIC]
  if (found && !copies) await narrowPlays(connection, warehouse)
  if (found) await warehouse.rename(WIDE_PLAYS, `${WIDE_PLAYS.name}_before_1`)
  return db().warehouseConnection.update({
    where: { id },
    data: {
      tablesVersion: TABLES_VERSION,
      // Charts of this version need columns that the models of the last one lack.
      modelsState: 'stale',
      ...(copies ? { copyStreams: [...new Set([...copyStreams, ...outdated])] } : {}),
    },
  })
}

/** @throws Wait while the embedded copy, from which tables are copied, has the layout of an older version */
async function requireUpgradedCopy({ userId }: WarehouseConnection): Promise<void> {
  const outdated = await db().warehouseConnection.count({
    where: {
      userId,
      kind: EMBEDDED_KIND,
      tablesVersion: { lt: TABLES_VERSION },
      ledger: { some: { state: 'loaded', read: { stream: importedPlays.name } } },
    },
  })
  if (outdated === 0) return
  throw new Wait('The built-in warehouse is being updated', new Date(now().getTime() + 5 * MINUTE), {
    remedy: 'Nothing to do. The load resumes automatically.',
  })
}

/** Where there is no embedded copy to copy from. Loading it again adds nothing twice. */
async function narrowPlays(connection: WarehouseConnection, warehouse: ExternalWarehouse): Promise<void> {
  const columns = [
    'played_at',
    'uri',
    'id',
    'name',
    'artist_ids',
    'artist_names',
    'album_id',
    'album_name',
    'album_image_url',
  ]
  const more = ['duration_ms', 'explicit', 'isrc', 'spotify_url', 'context_type', 'context_uri', 'synced_at']
  const rows = await warehouse.query(
    `select ${[...columns, ...more].join(', ')} from ${warehouse.table('raw', WIDE_PLAYS.name)} order by synced_at`,
    [],
    { limit: MAX_PLAYS, deadlineMs: QUERY_DEADLINE_MS },
  )
  const readId = `tables 1 ${connection.id} ${connection.copy}`
  const music = new MusicCollector()
  music.start({ id: readId })
  const plays = rows.map((row) => {
    const track = trackOf(row)
    music.add(musicRows({ tracks: [track] }, String(row.synced_at)))
    return narrowPlay({ ...row, ...track })
  })
  for (const load of music.loads({ runId: '', older: true })) await warehouse.load(load)
  await warehouse.load({
    readId,
    runId: '',
    stream: recentlyPlayed.name,
    table: streamTable(recentlyPlayed),
    mode: 'merge',
    rows: once(plays.filter((play) => play !== null)),
  })
  await warehouse.flush()
}

async function* once(rows: Row[]): AsyncGenerator<Row[]> {
  yield rows
}

/** A song from flat columns. The names of several artists can't be told apart, because they contain commas too. */
function trackOf(row: Row) {
  const ids = String(row.artist_ids ?? '')
    .split(', ')
    .filter(Boolean)
  const text = (name: string) => (typeof row[name] === 'string' ? (row[name] as string) : null)
  return {
    id: text('id'),
    name: text('name'),
    uri: text('uri'),
    type: 'track',
    duration_ms: typeof row.duration_ms === 'number' ? row.duration_ms : null,
    explicit: typeof row.explicit === 'boolean' ? row.explicit : null,
    external_ids: { isrc: text('isrc') },
    external_urls: { spotify: text('spotify_url') },
    album: { id: text('album_id'), name: text('album_name'), images: [{ url: text('album_image_url') }] },
    artists: ids.length > 1 ? ids.map((id) => ({ id })) : [{ id: ids[0] ?? null, name: text('artist_names') }],
  }
}
