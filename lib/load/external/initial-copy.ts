import { MINUTE, now } from '#lib/core/clock.ts'
import { Wait } from '#lib/core/errors.ts'
import type { LoadCounts, Table } from '#lib/core/table.ts'
import { db, type Run, type WarehouseConnection } from '#lib/db.ts'
import { lockIfOwned } from '#lib/load/lease.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { MUSIC, type TableGroup, tableGroupNamed } from '#lib/streams/index.ts'
import { EMBEDDED_KIND } from '#lib/warehouse/facts.ts'
import type { EmbeddedWarehouse, ExternalWarehouse, Load } from '#lib/warehouse/warehouse.ts'
import { withCopiedMetadata } from './load-method.ts'
import { countLoaded } from './load-run.ts'
import { markExternalStale } from './models.ts'

/**
 * Copies a stream's tables from the embedded copy, which may hold more than the landing zone still has. The table comes
 * before its history: a read loaded into the embedded copy meanwhile is then in both or only in the history, and loading
 * it here later adds nothing twice.
 */
export async function copyStream(
  connection: WarehouseConnection,
  run: Run,
  name: string,
  warehouse: ExternalWarehouse,
): Promise<void> {
  const stream = tableGroupNamed(name)
  await requireCompleteCopy(connection.userId, name)
  const copiedReads = await loadedReads(connection.userId, name)
  const counts = hasEmbeddedCopy(connection.userId) ? await copyTables(connection, stream, run, warehouse) : null
  await warehouse.flush()
  await db().$transaction(async (tx) => {
    if (!(await lockIfOwned(tx, connection))) return
    await tx.loadLedger.createMany({
      data: copiedReads.map((readId) => ({ readId, connectionId: connection.id })),
      skipDuplicates: true,
    })
    await tx.loadLedger.updateMany({
      where: { connectionId: connection.id, readId: { in: copiedReads }, state: { not: 'loaded' } },
      data: { state: 'loaded', loadedAt: new Date(), problem: null, remedy: null },
    })
    const { copyStreams } = await tx.warehouseConnection.findUniqueOrThrow({ where: { id: connection.id } })
    await tx.warehouseConnection.update({
      where: { id: connection.id },
      data: { copyStreams: copyStreams.filter((other) => other !== name) },
    })
    if (counts) await countLoaded(tx, run, name, counts)
    // Its histories may have changed too.
    await markExternalStale(tx, connection, stream.tables, { new: 1, changed: 0, removed: 0 })
  })
}

/** @throws Wait while the embedded copy lacks rows that the external one needs, because it is being rebuilt */
async function requireCompleteCopy(userId: string, stream: string): Promise<void> {
  const missing = await db().loadLedger.count({
    where: {
      loadedAt: { not: null },
      connection: { userId, kind: EMBEDDED_KIND },
      ...(stream === MUSIC
        ? { state: 'loaded', music: { not: null } }
        : { state: 'waiting', read: { stream, state: 'complete' } }),
    },
  })
  if (missing === 0) return
  throw new Wait('The built-in warehouse is being rebuilt', new Date(now().getTime() + 5 * MINUTE), {
    remedy: 'Nothing to do. The load resumes automatically.',
  })
}

/** Reads that the embedded copy has by now, so that copying its tables includes them. */
async function loadedReads(userId: string, stream: string): Promise<string[]> {
  const entries = await db().loadLedger.findMany({
    where: { state: 'loaded', connection: { userId, kind: EMBEDDED_KIND }, read: { stream } },
    select: { readId: true },
  })
  return entries.map(({ readId }) => readId)
}

/** @returns what the copy did to the stream's main table; null if the embedded copy has no such table */
async function copyTables(
  connection: WarehouseConnection,
  stream: TableGroup,
  run: Run,
  warehouse: ExternalWarehouse,
): Promise<LoadCounts | null> {
  const embedded = await openEmbeddedCopy(connection)
  const { tables } = stream
  const existing = await embedded.existing(
    'raw',
    tables.map(({ name }) => name),
  )
  let first: LoadCounts | null = null
  for (const table of tables.filter(({ name }) => existing.includes(name))) {
    const counts = await warehouse.load(copyOf(connection, stream, run, table, embedded))
    first ??= counts
  }
  return first
}

function copyOf(
  connection: WarehouseConnection,
  stream: TableGroup,
  run: Run,
  table: Table,
  embedded: EmbeddedWarehouse,
): Load {
  const load: Load = {
    readId: `copy ${connection.id} ${connection.copy} ${table.name}`,
    runId: run.id,
    stream: stream.name,
    table,
    mode: 'overwrite',
    rows: embedded.rowsOf(table),
  }
  return connection.addRecordMetadata ? withCopiedMetadata(load) : load
}
