import type { EncryptionKeys } from '#lib/api/admin.ts'
import { recordAudit } from '#lib/audit.ts'
import { now, SECOND } from '#lib/core/clock.ts'
import { log } from '#lib/core/log.ts'
import { ownKeyRing } from '#lib/core/seal.ts'
import { db } from '#lib/db.ts'
import { countByKey, KEY_RING_FACT, type Query, resealAll } from './reseal.ts'

/** Counts the secrets encrypted with each key of this process, and re-encrypts them with the newest one. */

/** Shorter than the request timeout of a page. */
const RESEAL_MS = 10 * SECOND

const query: Query = (text, values) => db().$queryRawUnsafe(text, ...values)

/** Records which keys this web process has, so that `npm run reseal` never uses one that it lacks. */
export async function recordKeyRing(): Promise<void> {
  const value = [...ownKeyRing().keys()].join(',')
  await db().instanceFact.upsert({
    where: { name: KEY_RING_FACT },
    create: { name: KEY_RING_FACT, value },
    update: { value },
  })
}

/** How many secrets are sealed with each key. */
export async function encryptionKeys(): Promise<EncryptionKeys> {
  return { keys: await countByKey(query, ownKeyRing()), resealed: 0, failed: 0 }
}

/** Seals as many secrets with the newest key as fit into one request. */
export async function resealSome(adminId: string): Promise<EncryptionKeys> {
  const ring = ownKeyRing()
  const { resealed, failed, examples } = await resealAll(query, ring, new Date(now().getTime() + RESEAL_MS))
  for (const secret of examples) log.warn('a secret could not be encrypted with the newest key', { ...secret })
  const [newest = ''] = ring.keys()
  if (resealed > 0) await recordAudit(adminId, 'encrypted secrets with the newest key', newest, { secrets: resealed })
  return { keys: await countByKey(query, ring), resealed, failed }
}
