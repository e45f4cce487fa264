import { SnowflakeFields } from '#lib/api/warehouse.ts'
import { settings } from '#lib/core/config.ts'
import { Stop } from '#lib/core/errors.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import type { SealedPlace } from '#lib/core/sealed-columns.ts'
import { db, type WarehouseConnection } from '#lib/db.ts'
import { instanceId } from '#lib/instance-id.ts'
import { warehouses } from '#lib/warehouse/index.ts'
import { type SchemaOwner, SnowflakeCredential } from '#lib/warehouse/snowflake/connection.ts'
import type { ExternalWarehouse, WarehouseMemory } from '#lib/warehouse/warehouse.ts'
import { privateKeyInUse } from './keys.ts'

/** A listener's saved Snowflake connection: fields in plain text, the credential sealed. */

const sealContext = (connectionId: string): SealedPlace => ({
  table: 'WarehouseConnection',
  row: connectionId,
  column: 'secrets',
})

/** The saved fields, or null for a connection that has none. */
export function savedFields({ settings }: Pick<WarehouseConnection, 'settings'>): SnowflakeFields | null {
  // A row of another version may have more fields.
  return SnowflakeFields.strip().safeParse(settings).data ?? null
}

/** The credential, sealed for the row of this connection. */
export function sealCredential(connectionId: string, credential: SnowflakeCredential): string {
  return seal(JSON.stringify(credential), sealContext(connectionId))
}

/** The credential of a saved connection. @throws Stop when it is missing */
export async function credentialOf({ id, userId, secrets }: WarehouseConnection): Promise<SnowflakeCredential> {
  if (secrets) return SnowflakeCredential.parse(JSON.parse(unseal(secrets, sealContext(id))))
  const privateKey = await privateKeyInUse(userId)
  if (privateKey) return { method: 'key pair', privateKey }
  throw new Stop('The private key of the Snowflake user is missing', {
    remedy: 'Open Connections, Snowflake, and save the connection again.',
    context: { kind: 'needs you' },
  })
}

/** Who owns the schema, for the marker that Tracklake keeps in it. */
export async function ownerOf(userId: string): Promise<SchemaOwner> {
  const account = await db().account.findFirstOrThrow({ where: { userId, provider: 'spotify' } })
  return { instanceId: await instanceId(), accountId: account.providerAccountId }
}

/**
 * Opens the warehouse of a saved connection.
 * @param memory what earlier sessions learned; this one adds to it
 * @throws Stop when nothing is saved, or the key is missing
 */
export async function openExternal(
  connection: WarehouseConnection,
  memory: WarehouseMemory,
  tag: Record<string, string>,
): Promise<ExternalWarehouse> {
  const fields = savedFields(connection)
  if (!fields)
    throw new Stop('No Snowflake connection is saved', {
      remedy: 'Open Connections, Snowflake, and save the connection.',
      context: { kind: 'needs you' },
    })
  return warehouses.snowflake({
    address: fields,
    credential: await credentialOf(connection),
    owner: await ownerOf(connection.userId),
    memory,
    tag: { app: 'tracklake', ...tag },
    endpoint: settings().SNOWFLAKE_ENDPOINT,
  })
}
