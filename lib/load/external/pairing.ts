import type { LoadCounts, Table } from '#lib/core/table.ts'
import { db, type Run, type WarehouseConnection } from '#lib/db.ts'
import { lockIfOwned } from '#lib/load/lease.ts'
import { pairingVersions } from '#lib/pairing/state.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { IMPORTED_MUSIC } from '#lib/streams/imported-music.ts'
import { PAIRING } from '#lib/streams/index.ts'
import { PAIRING_TABLES } from '#lib/streams/pairing.ts'
import type { ExternalWarehouse } from '#lib/warehouse/warehouse.ts'
import { markExternalStale } from './models.ts'

/**
 * Brings what pairing computed and what imports named into an external warehouse: whole tables from the embedded copy,
 * if they have changed since they were last loaded. Imports are of the past, so this is rare.
 */
export async function loadPairing(
  connection: WarehouseConnection,
  run: Run,
  warehouse: ExternalWarehouse,
): Promise<void> {
  const { id, userId, copy, pairingLoaded } = connection
  if (!hasEmbeddedCopy(userId)) return
  const embedded = await openEmbeddedCopy({ userId })
  const versions = await pairingVersions(embedded)
  if (!versions) return
  const loaded = `${versions.pairing} ${versions.music}`
  // Repeating an earlier load returns its counts, which would let the models be built again for nothing.
  if (loaded === pairingLoaded) return
  const groups = [
    { tables: PAIRING_TABLES, version: versions.pairing },
    { tables: IMPORTED_MUSIC, version: versions.music },
  ]
  const loads: { table: Table; counts: LoadCounts }[] = []
  for (const { tables, version } of groups)
    for (const table of tables) {
      const counts = await warehouse.load({
        readId: `${PAIRING} ${id} ${copy} ${version}`,
        runId: run.id,
        stream: PAIRING,
        table,
        mode: 'overwrite',
        rows: embedded.rowsOf(table),
      })
      loads.push({ table, counts })
    }
  await warehouse.flush()
  await db().$transaction(async (tx) => {
    if (!(await lockIfOwned(tx, connection))) return
    await tx.warehouseConnection.update({ where: { id }, data: { pairingLoaded: loaded } })
    for (const { table, counts } of loads) await markExternalStale(tx, connection, [table], counts)
  })
}
