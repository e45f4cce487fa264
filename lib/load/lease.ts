import { MINUTE } from '#lib/core/clock.ts'
import { db, type WarehouseConnection } from '#lib/db.ts'

/** One loader a destination at a time: a leased row that no crash can keep. */

/** A loader that is silent for so long is dead. Longer than a load may wait for its file and take. */
const LEASE_MS = 25 * MINUTE

/** What goes on in this process, by destination and job. */
const underWay = new Map<string, Promise<unknown>>()

/**
 * Lets the same job load a destination only once at a time: an engine that was killed is soon back and repeats a call
 * whose first one still goes on here. Two that load the same reads would tell the history of a table twice over.
 */
export async function afterItself<T>(connectionId: string, by: string, load: () => Promise<T>): Promise<T> {
  const key = `${connectionId}:${by}`
  const before = underWay.get(key) ?? Promise.resolve()
  const mine = before.catch(() => undefined).then(load)
  underWay.set(key, mine)
  try {
    return await mine
  } finally {
    if (underWay.get(key) === mine) underWay.delete(key)
  }
}

/** @param by names the job, so that its repetition keeps its turn */
export async function acquireLease(connectionId: string, by: string): Promise<WarehouseConnection | null> {
  const now = new Date()
  const { count } = await db().warehouseConnection.updateMany({
    where: {
      id: connectionId,
      user: { erasingAt: null, suspendedAt: null },
      OR: [{ loadingUntil: null }, { loadingUntil: { lt: now } }, { loadingBy: by }],
    },
    data: { loadingUntil: new Date(now.getTime() + LEASE_MS), loadingBy: by },
  })
  return count === 1 ? db().warehouseConnection.findUniqueOrThrow({ where: { id: connectionId } }) : null
}

/** While everything of a listener is deleted nothing is loaded, and whoever had the turn must not keep it. */
export async function releaseLease(connectionId: string, by: string): Promise<void> {
  await db().warehouseConnection.updateMany({
    where: { id: connectionId, loadingBy: by },
    data: { loadingUntil: null, loadingBy: null },
  })
}

/** Gives the turn back, unless something came meanwhile. @returns whether it was given back */
export async function releaseLeaseIfIdle(connectionId: string, by: string): Promise<boolean> {
  const { count } = await db().warehouseConnection.updateMany({
    where: { id: connectionId, loadingBy: by, ledger: { none: { state: 'waiting' } } },
    data: { loadingUntil: null, loadingBy: null },
  })
  return count === 1
}
