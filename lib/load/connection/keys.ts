import { ulid } from 'ulid'
import type { SnowflakeKey } from '#lib/api/warehouse.ts'
import { now } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import { db, type SnowflakeKey as SnowflakeKeyRow } from '#lib/db.ts'
import { makeKeyPair } from '#lib/warehouse/snowflake/keys.ts'

/**
 * The key pairs that are made here for a listener's Snowflake user, at most two: one in use, and one that takes over
 * from it. A Snowflake user has two places for public keys, so both work until the old one is taken away there.
 */

const placeOf = (id: string) => ({ table: 'SnowflakeKey', row: id, column: 'privateKey' })

export interface ListenerKeys {
  /** In use, or the first one, which waits for the script to be run. */
  key: SnowflakeKeyRow
  /** Waits to take over. */
  next: SnowflakeKeyRow | null
}

/** The listener's keys; the first one is made when it is first asked for. */
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

/** When somebody else makes one for the same place this very moment, theirs stays. */
async function makeKey(userId: string, slot: 1 | 2): Promise<void> {
  const { privateKey, publicKey, fingerprint } = await makeKeyPair()
  const id = ulid()
  await db().snowflakeKey.createMany({
    data: [{ id, userId, slot, publicKey, fingerprint, privateKey: seal(privateKey, placeOf(id)) }],
    skipDuplicates: true,
  })
}

/** Makes the key that shall take over, unless one waits already. */
export async function makeNextKey(userId: string): Promise<void> {
  const { key, next } = await listenerKeys(userId)
  if (!key.usedAt)
    throw new Refused(
      409,
      'no-key-in-use',
      'The first key is not in use yet',
      'Run the script with it, test the connection and save it.',
    )
  if (!next) await makeKey(userId, key.slot === 1 ? 2 : 1)
}

/** Forgets the key that was to take over. */
export async function dropNextKey(userId: string): Promise<void> {
  const { key, next } = await listenerKeys(userId)
  if (key.usedAt && next) await db().snowflakeKey.deleteMany({ where: { id: next.id } })
}

/** From now on this key signs in; another one is forgotten. */
export async function adoptKey(userId: string, id: string): Promise<void> {
  await db().$transaction([
    db().snowflakeKey.deleteMany({ where: { userId, id: { not: id } } }),
    db().snowflakeKey.update({ where: { id }, data: { usedAt: now() } }),
  ])
}

/** The private half of a key, for signing in. */
export function openKey({ id, privateKey }: SnowflakeKeyRow): string {
  return unseal(privateKey, placeOf(id))
}

/** The private half of the key in use, or null. */
export async function privateKeyInUse(userId: string): Promise<string | null> {
  const key = await db().snowflakeKey.findFirst({ where: { userId, usedAt: { not: null } } })
  return key && openKey(key)
}

/** What the pages show of a key. */
export function keyAnswer({ publicKey, fingerprint, slot, createdAt }: SnowflakeKeyRow): SnowflakeKey {
  return { publicKey, fingerprint, slot: slot === 2 ? 2 : 1, madeAt: createdAt.toISOString() }
}
