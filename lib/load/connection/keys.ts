import { ulid } from 'ulid'
import type { SnowflakeKey } from '#lib/api/warehouse.ts'
import { now } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import type { SealedPlace } from '#lib/core/sealed-columns.ts'
import { db, type SnowflakeKey as SnowflakeKeyRow } from '#lib/db.ts'
import { makeKeyPair } from '#lib/warehouse/snowflake/setup/keys.ts'

/**
 * The key pairs that Tracklake makes for a listener's Snowflake user: one in use and, during a rotation, the next one. A
 * Snowflake user has two slots for public keys, so both work until the old one is removed there.
 */

const sealContext = (id: string): SealedPlace => ({ table: 'SnowflakeKey', row: id, column: 'privateKey' })

export interface ListenerKeys {
  /** The key in use, or the first one, which waits for the setup script. */
  key: SnowflakeKeyRow
  /** The key that waits to replace it. */
  next: SnowflakeKeyRow | null
}

/** The listener's keys. Makes the first one when there is none. */
export async function listenerKeys(userId: string): Promise<ListenerKeys> {
  const [first, second] = await inOrder(userId)
  if (!first) {
    await makeKey(userId, 1)
    return listenerKeys(userId)
  }
  return { key: first, next: second ?? null }
}

/** A key in use comes first, then the older one. */
function inOrder(userId: string): Promise<SnowflakeKeyRow[]> {
  return db().snowflakeKey.findMany({
    where: { userId },
    orderBy: [{ usedAt: { sort: 'desc', nulls: 'last' } }, { createdAt: 'asc' }],
    take: 2,
  })
}

/** Makes a key for a slot, unless a concurrent request just did. */
async function makeKey(userId: string, slot: 1 | 2): Promise<void> {
  const { privateKey, publicKey, fingerprint } = await makeKeyPair()
  const id = ulid()
  await db().snowflakeKey.createMany({
    data: [{ id, userId, slot, publicKey, fingerprint, privateKey: seal(privateKey, sealContext(id)) }],
    skipDuplicates: true,
  })
}

/** Makes the next key, unless there is one. @throws Refused 409 while no key is in use */
export async function makeNextKey(userId: string): Promise<void> {
  const { key, next } = await listenerKeys(userId)
  if (!key.usedAt)
    throw new Refused(
      409,
      'no-key-in-use',
      'The first key is not in use yet',
      'Run the setup script with it, then test and save the connection.',
    )
  if (!next) await makeKey(userId, key.slot === 1 ? 2 : 1)
}

/** Deletes the next key. */
export async function dropNextKey(userId: string): Promise<void> {
  const { key, next } = await listenerKeys(userId)
  if (key.usedAt && next) await db().snowflakeKey.deleteMany({ where: { id: next.id } })
}

/** Uses this key from now on, and deletes the other one. */
export async function adoptKey(userId: string, id: string): Promise<void> {
  await db().$transaction([
    db().snowflakeKey.deleteMany({ where: { userId, id: { not: id } } }),
    db().snowflakeKey.update({ where: { id }, data: { usedAt: now() } }),
  ])
}

/** The private key, for signing in. */
export function openKey({ id, privateKey }: SnowflakeKeyRow): string {
  return unseal(privateKey, sealContext(id))
}

/** The private key in use, or null. */
export async function privateKeyInUse(userId: string): Promise<string | null> {
  const key = await db().snowflakeKey.findFirst({ where: { userId, usedAt: { not: null } } })
  return key && openKey(key)
}

/** A key as the API returns it. */
export function keyResponse({ publicKey, fingerprint, slot, createdAt }: SnowflakeKeyRow): SnowflakeKey {
  return { publicKey, fingerprint, slot: slot === 2 ? 2 : 1, madeAt: createdAt.toISOString() }
}
