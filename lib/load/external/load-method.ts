import type { LoadMethod } from '#lib/api/lists.ts'
import type { Columns, Row, Table } from '#lib/core/table.ts'
import type { StreamRead, WarehouseConnection } from '#lib/db.ts'
import { servingKind } from '#lib/storage/destinations.ts'
import type { Stream } from '#lib/streams/stream.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'

/** What a listener may choose for a stream, the stream's own method first. */
export function methodChoices(stream: Stream): LoadMethod[] {
  const choices = fittingMethods(stream)
  // Charts that ask these very tables want what Spotify shows now.
  return servingKind() === 'duckdb' ? choices : choices.slice(0, 1)
}

function fittingMethods(stream: Stream): LoadMethod[] {
  // A look at recently played shows 50 plays: overwriting with them would lose the others.
  return stream.load === 'merge' || stream.load === 'append' ? ['upsert', 'append'] : ['overwrite', 'upsert', 'append']
}

/** How the listener's own warehouse loads a stream. */
export function methodOf({ methods }: Pick<WarehouseConnection, 'methods'>, stream: Stream): LoadMethod {
  const [own = 'overwrite', ...others] = methodChoices(stream)
  const chosen = (methods as Record<string, LoadMethod>)[stream.name]
  return chosen && others.includes(chosen) ? chosen : own
}

/** Whether the tables of a stream hold what the serving copy holds. */
export function isOwnMethod(connection: Pick<WarehouseConnection, 'methods'>, stream: Stream): boolean {
  return methodOf(connection, stream) !== methodChoices(stream)[0]
}

/** A load as the listener wants it in their own warehouse: by another method, with the columns of Singer targets. */
export function byOwnMethod(
  connection: Pick<WarehouseConnection, 'methods' | 'addRecordMetadata'>,
  stream: Stream,
  read: Pick<StreamRead, 'syncedAt' | 'completedAt'>,
  load: Load,
): Load {
  const chosen = isOwnMethod(connection, stream) ? byMethod(load, methodOf(connection, stream)) : load
  if (!connection.addRecordMetadata) return chosen
  const metadata = metadataOf(read.syncedAt, read.completedAt ?? read.syncedAt)
  return withMetadata(chosen, () => metadata)
}

function byMethod({ parts: _, ...load }: Load, method: LoadMethod): Load {
  if (method !== 'append') return { ...load, mode: 'merge' }
  // Each read adds a snapshot, as tap-spotify's tables have it; what came and went is in the snapshots themselves.
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

/** The record metadata of Singer targets, by the names and meanings of their SDK. */
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

/** Rows that are copied were extracted when they were synced. */
export function withCopiedMetadata(load: Load): Load {
  return withMetadata(load, ({ synced_at }) => {
    const syncedAt = new Date(String(synced_at))
    return metadataOf(syncedAt, syncedAt)
  })
}

/** The metadata on every row, in the table and in a daily history alike; a table of changes has no rows of Spotify's. */
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
