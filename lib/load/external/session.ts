import { db, type WarehouseConnection } from '#lib/db.ts'
import { openExternal } from '#lib/load/connection/saved.ts'
import type { ExternalWarehouse, WarehouseMemory } from '#lib/warehouse/warehouse.ts'

/** A session with an external warehouse, and what it learns about the schema. */
interface Session {
  warehouse: ExternalWarehouse
  memory: WarehouseMemory
}

/**
 * Runs `work` in one session with the external warehouse, and saves what the session cost and learned, even if it fails.
 * @param runId the load that the cost counts for, or null for queries
 */
export async function withSession<T>(
  connection: WarehouseConnection,
  { runId, tag }: { runId: string | null; tag: Record<string, string> },
  work: (warehouse: ExternalWarehouse) => Promise<T>,
): Promise<T> {
  const session = await open(connection, tag)
  try {
    return await work(session.warehouse)
  } finally {
    await session.warehouse.close()
    await saveUsage(connection, runId, session)
  }
}

async function open(connection: WarehouseConnection, tag: Record<string, string>): Promise<Session> {
  const memory = { ...(connection.memory as WarehouseMemory) }
  return { warehouse: await openExternal(connection, memory, tag), memory }
}

async function saveUsage(
  { id, copy }: WarehouseConnection,
  runId: string | null,
  { warehouse, memory }: Session,
): Promise<void> {
  // Nothing to save if the connection was deleted meanwhile or now leads to another schema.
  await db().warehouseConnection.updateMany({ where: { id, copy }, data: { memory } })
  if (runId === null) return
  const { statements, roundTrips, bytes, warehouseMs } = warehouse.usage()
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
