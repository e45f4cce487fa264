import type { LoadCounts, Table } from '#lib/core/table.ts'
import { db, type Run, type WarehouseConnection } from '#lib/db.ts'
import { hasDuckdb, openWarehouse } from '#lib/storage/places.ts'
import { streamNamed } from '#lib/streams/index.ts'
import { historyTable, type Stream, streamTable } from '#lib/streams/stream.ts'
import type { DuckdbWarehouse } from '#lib/warehouse/duckdb/duckdb.ts'
import type { SnowflakeWarehouse } from '#lib/warehouse/snowflake/snowflake.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'
import { withCopiedMetadata } from './load-method.ts'
import { countLoaded } from './load-run.ts'
import { holdCurrent } from './ownership.ts'

/**
 * Copies one stream's tables from the serving copy, which holds more than the landing zone may still have. The table
 * itself comes before its history: a read that is loaded into the serving copy meanwhile is then in both or only in
 * the history, and loading it afterwards adds what is missing and nothing twice.
 */
export async function copyStream(
  connection: WarehouseConnection,
  run: Run,
  name: string,
  warehouse: SnowflakeWarehouse,
): Promise<void> {
  const stream = streamNamed(name)
  const held = await loadedReads(connection.userId, name)
  const counts = hasDuckdb(connection.userId) ? await copyTables(connection, stream, run, warehouse) : null
  await warehouse.settle()
  await db().$transaction(async (tx) => {
    if (!(await holdCurrent(tx, connection))) return
    await tx.loadLedger.createMany({
      data: held.map((readId) => ({ readId, connectionId: connection.id })),
      skipDuplicates: true,
    })
    await tx.loadLedger.updateMany({
      where: { connectionId: connection.id, readId: { in: held }, state: { not: 'loaded' } },
      data: { state: 'loaded', loadedAt: new Date(), problem: null, remedy: null },
    })
    const { copyStreams } = await tx.warehouseConnection.findUniqueOrThrow({ where: { id: connection.id } })
    await tx.warehouseConnection.update({
      where: { id: connection.id },
      data: { copyStreams: copyStreams.filter((other) => other !== name) },
    })
    if (counts) await countLoaded(tx, { runId: run.id, userId: run.userId }, name, counts)
  })
}

/** Reads whose rows the serving copy has by now; the copy that follows brings them along. */
async function loadedReads(userId: string, stream: string): Promise<string[]> {
  const entries = await db().loadLedger.findMany({
    where: { state: 'loaded', connection: { userId, kind: 'duckdb' }, read: { stream } },
    select: { readId: true },
  })
  return entries.map(({ readId }) => readId)
}

/** @returns what the copy did to the stream's own table; null where the serving copy has none */
async function copyTables(
  connection: WarehouseConnection,
  stream: Stream,
  run: Run,
  warehouse: SnowflakeWarehouse,
): Promise<LoadCounts | null> {
  const serving = await openWarehouse(connection)
  const tables = [streamTable(stream), historyTable(stream)].filter((table) => table !== null)
  const there = await serving.existing(
    'raw',
    tables.map(({ name }) => name),
  )
  let first: LoadCounts | null = null
  for (const table of tables.filter(({ name }) => there.includes(name))) {
    const counts = await warehouse.load(copyOf(connection, stream, run, table, serving))
    first ??= counts
  }
  return first
}

function copyOf(
  connection: WarehouseConnection,
  stream: Stream,
  run: Run,
  table: Table,
  serving: DuckdbWarehouse,
): Load {
  const load: Load = {
    readId: `copy ${connection.id} ${connection.copy} ${table.name}`,
    runId: run.id,
    stream: stream.name,
    table,
    mode: 'overwrite',
    rows: serving.rowsOf(table),
  }
  return connection.addRecordMetadata ? withCopiedMetadata(load) : load
}
