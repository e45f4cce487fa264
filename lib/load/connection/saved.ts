import { z } from 'zod'
import { SnowflakeFields } from '#lib/api/warehouse.ts'
import { Stop } from '#lib/core/errors.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import { db, type WarehouseConnection } from '#lib/db.ts'
import { instanceId } from '#lib/instance-id.ts'
import type { SchemaOwner, SnowflakeAddress, SnowflakeCredential } from '#lib/warehouse/snowflake/connection.ts'
import { privateKeyInUse } from './keys.ts'

/** What is kept of a listener's Snowflake: the fields as they are, the credential sealed. */

const Credential = z.discriminatedUnion('method', [
  z.object({ method: z.literal('key pair'), privateKey: z.string(), passphrase: z.string().optional() }),
  z.object({ method: z.literal('token'), token: z.string() }),
  z.object({ method: z.literal('password'), password: z.string() }),
])

const placeOf = (connectionId: string) => ({ table: 'WarehouseConnection', row: connectionId, column: 'secrets' })

/** The saved fields, or null for a connection that has none. */
export function savedFields({ settings }: Pick<WarehouseConnection, 'settings'>): SnowflakeFields | null {
  return SnowflakeFields.safeParse(settings).data ?? null
}

export function addressOf({ account, user, role, warehouse, database, schema }: SnowflakeFields): SnowflakeAddress {
  return { account, user, role, warehouse, database, schema }
}

export function sealCredential(connectionId: string, credential: SnowflakeCredential): string {
  return seal(JSON.stringify(credential), placeOf(connectionId))
}

/**
 * The credential of a saved connection.
 * @throws Stop when it is gone
 */
export async function credentialOf({
  id,
  userId,
  secrets,
}: Pick<WarehouseConnection, 'id' | 'userId' | 'secrets'>): Promise<SnowflakeCredential> {
  if (secrets) return Credential.parse(JSON.parse(unseal(secrets, placeOf(id))))
  const privateKey = await privateKeyInUse(userId)
  if (privateKey) return { method: 'key pair', privateKey }
  throw new Stop('The key of the Snowflake user is not known here any more', {
    remedy: 'Open Connections, Snowflake, and save the connection again.',
    context: { kind: 'needs you' },
  })
}

/** Whose schema it is, for the marker in it. */
export async function ownerOf(userId: string): Promise<SchemaOwner> {
  const account = await db().account.findFirstOrThrow({ where: { userId, provider: 'spotify' } })
  return { instanceId: await instanceId(), accountId: account.providerAccountId }
}
