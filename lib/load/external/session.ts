import { settings } from '#lib/core/config.ts'
import { Stop } from '#lib/core/errors.ts'
import { db, type WarehouseConnection } from '#lib/db.ts'
import { addressOf, credentialOf, ownerOf, savedFields } from '#lib/load/connection/saved.ts'
import { warehouses } from '#lib/warehouse/index.ts'
import type { SchemaMemory } from '#lib/warehouse/snowflake/connection.ts'
import type { SnowflakeWarehouse } from '#lib/warehouse/snowflake/snowflake.ts'

/** A session with a connected warehouse, and what has to be kept of it. */
interface Session {
  warehouse: SnowflakeWarehouse
  memory: SchemaMemory
}

/**
 * Works with the connected warehouse in one session, and keeps what it cost and learned, however it ends.
 * @param runId the load that pays for it; null for questions
 */
export async function inSession<T>(
  connection: WarehouseConnection,
  { runId, tag }: { runId: string | null; tag: Record<string, string> },
  work: (warehouse: SnowflakeWarehouse) => Promise<T>,
): Promise<T> {
  const session = await open(connection, tag)
  try {
    return await work(session.warehouse)
  } finally {
    await session.warehouse.close()
    await keep(connection, runId, session)
  }
}

async function open(connection: WarehouseConnection, tag: Record<string, string>): Promise<Session> {
  const fields = savedFields(connection)
  if (!fields)
    throw new Stop('No Snowflake is saved', {
      remedy: 'Open Connections, Snowflake, and save the connection.',
      context: { kind: 'needs you' },
    })
  const memory = { ...(connection.memory as SchemaMemory) }
  const warehouse = warehouses.snowflake({
    address: addressOf(fields),
    credential: await credentialOf(connection),
    owner: await ownerOf(connection.userId),
    memory,
    tag: { app: 'tracklake', ...tag },
    endpoint: settings().SNOWFLAKE_ENDPOINT,
  })
  return { warehouse, memory }
}

async function keep(
  { id, copy }: WarehouseConnection,
  runId: string | null,
  { warehouse, memory }: Session,
): Promise<void> {
  // A connection that was taken away meanwhile, or leads to another place, has nothing to remember.
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
