import type { LoadMethod } from '#lib/api/lists.ts'
import type { Columns, Row, Table } from '#lib/core/table.ts'
import type { StreamRead, WarehouseConnection } from '#lib/db.ts'
import { keepsEmbeddedCopies } from '#lib/storage/destinations.ts'
import type { LandedKind } from '#lib/streams/stream.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'

/** The load methods that a listener may choose for a stream; its default comes first. */
export function methodChoices(stream: LandedKind): LoadMethod[] {
  const choices = supportedMethods(stream)
  // Where pages query these very tables, charts need what Spotify shows now.
  return keepsEmbeddedCopies() ? choices : choices.slice(0, 1)
}

function supportedMethods(stream: LandedKind): LoadMethod[] {
  // Recently played returns the last 50 plays only: overwriting would lose all others.
  return stream.load === 'merge' || stream.load === 'append' ? ['upsert', 'append'] : ['overwrite', 'upsert', 'append']
}

/** The method by which an external warehouse loads a stream. */
export function methodOf({ methods }: Pick<WarehouseConnection, 'methods'>, stream: LandedKind): LoadMethod {
  const [standard = 'overwrite', ...others] = methodChoices(stream)
  const chosen = (methods as Record<string, LoadMethod>)[stream.name]
  return chosen && others.includes(chosen) ? chosen : standard
}

/** True if the listener chose another method than the default, so that the tables differ from the embedded copy. */
export function hasCustomMethod(connection: Pick<WarehouseConnection, 'methods'>, stream: LandedKind): boolean {
  return methodOf(connection, stream) !== methodChoices(stream)[0]
}

/** The load as the listener configured it: by the chosen method, with Singer record metadata if requested. */
export function withCustomMethod(
  connection: Pick<WarehouseConnection, 'methods' | 'addRecordMetadata'>,
  stream: LandedKind,
  read: Pick<StreamRead, 'syncedAt' | 'completedAt'>,
  load: Load,
): Load {
  const chosen = hasCustomMethod(connection, stream) ? toMethod(load, methodOf(connection, stream)) : load
  if (!connection.addRecordMetadata) return chosen
  const metadata = metadataOf(read.syncedAt, read.completedAt ?? read.syncedAt)
  return withMetadata(chosen, () => metadata)
}

function toMethod({ parts: _, ...load }: Load, method: LoadMethod): Load {
  if (method !== 'append') return { ...load, mode: 'merge' }
  // Each read adds a snapshot, as in tap-spotify's tables; a history of changes would repeat what snapshots show.
  const { history, ...rest } = load
  const table: Table = { ...load.table, key: [...load.table.key, 'synced_at'] }
  return { ...rest, table, mode: 'append', historyOnly: false, ...(history?.kind === 'daily' ? { history } : {}) }
}

const METADATA: Columns = {
  _sdc_extracted_at: 'timestamp',
  _sdc_received_at: 'timestamp',
  _sdc_batched_at: 'timestamp',
  _sdc_deleted_at: 'timestamp',
  _sdc_sequence: 'integer',
  _sdc_table_version: 'integer',
  _sdc_sync_started_at: 'integer',
}

/** The record metadata of Singer targets, with the names and meanings of the Singer SDK. */
function metadataOf(syncedAt: Date, extractedAt: Date): Row {
  return {
    _sdc_extracted_at: extractedAt.toISOString(),
    _sdc_received_at: extractedAt.toISOString(),
    _sdc_batched_at: new Date().toISOString(),
    _sdc_deleted_at: null,
    _sdc_sequence: syncedAt.getTime(),
    _sdc_table_version: null,
    _sdc_sync_started_at: syncedAt.getTime(),
  }
}

/** Adds record metadata to copied rows, taking the time they were synced as the time they were extracted. */
export function withCopiedMetadata(load: Load): Load {
  return withMetadata(load, ({ synced_at }) => {
    const syncedAt = new Date(String(synced_at))
    return metadataOf(syncedAt, syncedAt)
  })
}

/** Adds metadata to every row of the table and of a daily history. A history of changes holds no rows from Spotify. */
function withMetadata(load: Load, metadata: (row: Row) => Row): Load {
  const { history, table, rows } = load
  if (!('synced_at' in table.columns)) return load
  const widened = (table: Table): Table => ({ ...table, columns: { ...table.columns, ...METADATA } })
  return {
    ...load,
    table: widened(table),
    rows: widenedRows(rows, metadata),
    ...(history?.kind === 'daily' ? { history: { ...history, table: widened(history.table) } } : {}),
  }
}

async function* widenedRows(batches: AsyncIterable<Row[]>, metadata: (row: Row) => Row): AsyncGenerator<Row[]> {
  for await (const rows of batches) yield rows.map((row) => ({ ...row, ...metadata(row) }))
}
