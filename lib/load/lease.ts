import { MINUTE } from '#lib/core/clock.ts'
import { db, Prisma, type WarehouseConnection } from '#lib/db.ts'

/** One loader per destination at a time. The lease is a row that expires, so that a crash cannot keep it. */

/** A loader that holds its lease for longer is dead. Longer than a load may take, including the wait for its file. */
const LEASE_MS = 25 * MINUTE

/** The loads of this process, by destination and job. */
const running = new Map<string, Promise<unknown>>()

/**
 * Runs a job's calls for one destination one after another. A killed engine restarts fast and repeats a call that
 * is still running here; two loads of the same read would write the history of a table twice.
 */
export async function serializeJob<T>(connectionId: string, by: string, load: () => Promise<T>): Promise<T> {
  const key = `${connectionId}:${by}`
  const before = running.get(key) ?? Promise.resolve()
  const current = before.catch(() => undefined).then(load)
  running.set(key, current)
  try {
    return await current
  } finally {
    if (running.get(key) === current) running.delete(key)
  }
}

/** @param by names the job, so that its repetition keeps the lease @returns null while another job has it */
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

/** Lets other jobs load this destination. */
export async function releaseLease(connectionId: string, by: string): Promise<void> {
  await db().warehouseConnection.updateMany({
    where: { id: connectionId, loadingBy: by },
    data: { loadingUntil: null, loadingBy: null },
  })
}

/**
 * Releases the lease unless more reads wait meanwhile, or the models have changed from the state in which they can stay:
 * the job that came for them found the lease taken.
 * @returns whether it was released
 */
export async function releaseLeaseIfIdle(connectionId: string, by: string, modelsState: string): Promise<boolean> {
  const { count } = await db().warehouseConnection.updateMany({
    where: { id: connectionId, loadingBy: by, modelsState, ledger: { none: { state: 'waiting' } } },
    data: { loadingUntil: null, loadingBy: null },
  })
  return count === 1
}

/** A connection as it was when its session acquired the lease. */
type Leased = Pick<WarehouseConnection, 'id' | 'copy' | 'loadingUntil'>

/**
 * True while the session still owns the connection: no other job has the lease, the connection was not saved again, and
 * no new copy of everything was requested. Keeps it so until the transaction ends.
 */
export async function lockIfOwned(tx: Prisma.TransactionClient, { id, copy, loadingUntil }: Leased): Promise<boolean> {
  const owned = await tx.$queryRaw<unknown[]>(
    Prisma.sql`select 1 from "WarehouseConnection"
      where id = ${id} and copy = ${copy} and "loadingUntil" = ${loadingUntil} for update`,
  )
  return owned.length > 0
}

/** `lockIfOwned` without the lock. */
export async function isOwned({ id, copy, loadingUntil }: Leased): Promise<boolean> {
  return (await db().warehouseConnection.count({ where: { id, copy, loadingUntil } })) > 0
}
