import { db, type WarehouseConnection } from '#lib/db.ts'
import { openExternal } from '#lib/load/connection/saved.ts'
import type { ExternalWarehouse, WarehouseMemory, WarehouseUsage } from '#lib/warehouse/warehouse.ts'

/**
 * Runs `work` in one session with the external warehouse, and saves what the session cost and learned, even if it fails.
 * @param runId the load that the cost counts for, or null for queries
 */
export async function withSession<T>(
  connection: WarehouseConnection,
  { runId, tag }: { runId: string | null; tag: Record<string, string> },
  work: (warehouse: ExternalWarehouse) => Promise<T>,
): Promise<T> {
  const memory = { ...(connection.memory as WarehouseMemory) }
  const warehouse = await openExternal(connection, memory, tag)
  try {
    return await work(warehouse)
  } finally {
    await warehouse.close()
    // Nothing to save if the connection was deleted meanwhile or now leads to another schema.
    const { id, copy } = connection
    await db().warehouseConnection.updateMany({ where: { id, copy }, data: { memory } })
    if (runId !== null) await saveUsage(runId, warehouse.usage())
  }
}

async function saveUsage(runId: string, usage: WarehouseUsage): Promise<void> {
  const { statements, roundTrips, bytes, warehouseMs } = usage
  await db().warehouseLoad.updateMany({
    where: { runId },
    data: {
      statements: { increment: statements },
      roundTrips: { increment: roundTrips },
      bytes: { increment: bytes },
      warehouseMs: { increment: Math.round(warehouseMs) },
    },
  })
}
