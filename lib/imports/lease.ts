import { now, SECOND } from '#lib/core/clock.ts'
import { db, type Import, type Prisma } from '#lib/db.ts'
import { CONTINUED, UNHELD } from './states.ts'

/**
 * One job at a time works on an import. Its lease is in the row and expires, so that a killed process can't keep it. Each
 * write of a job requires the lease, so a superseded job changes nothing.
 */

const LEASE_MS = 60 * SECOND
const RENEW_EVERY_MS = 15 * SECOND

/** The jobs of this process by import. An engine that was killed repeats a call that is still running here. */
const running = new Map<string, Promise<unknown>>()

/** Another job has taken the import over, or it is gone because its listener was deleted. */
class Superseded extends Error {
  constructor() {
    super('The import is no longer this job’s')
    this.name = 'Superseded'
  }
}

/** The import was canceled while a job worked on it. */
export class Cancelled extends Error {
  constructor() {
    super('The import was canceled')
    this.name = 'Cancelled'
  }
}

/** A job's hold on an import. */
export interface Hold {
  row: Import
  /** Aborted when the lease is lost. */
  signal: AbortSignal
  /** Changes the row. @throws Superseded @throws Cancelled unless that is expected */
  write(data: Prisma.ImportUpdateManyMutationInput, options?: { evenIfCancelled?: boolean }): Promise<void>
}

/**
 * Works on an import while holding its lease.
 * @param by names the job, so that its repetition keeps the lease
 * @returns null if there is nothing to do, or while another job holds it
 */
export async function withLease<T>(importId: string, by: string, work: (hold: Hold) => Promise<T>): Promise<T | null> {
  const before = running.get(importId)
  const current = (before ?? Promise.resolve()).catch(() => undefined).then(() => hold(importId, by, work))
  running.set(importId, current)
  try {
    return await current
  } finally {
    if (running.get(importId) === current) running.delete(importId)
  }
}

async function hold<T>(importId: string, by: string, work: (hold: Hold) => Promise<T>): Promise<T | null> {
  const row = await acquire(importId, by)
  if (!row) return null
  const lost = new AbortController()
  const owned = { id: importId, heldBy: by }
  const renewal = setInterval(() => {
    db()
      .import.updateMany({ where: owned, data: { heldUntil: leaseEnd() } })
      .then(({ count }) => count > 0 || lost.abort(new Superseded()))
      // The database may be back before the lease expires.
      .catch(() => undefined)
  }, RENEW_EVERY_MS)
  try {
    return await work({
      row,
      signal: lost.signal,
      async write(data, { evenIfCancelled = false } = {}) {
        const where = { ...owned, ...(evenIfCancelled ? {} : { cancelledAt: null }) }
        if ((await db().import.updateMany({ where, data })).count > 0) return
        throw (await db().import.count({ where: owned })) > 0 ? new Cancelled() : new Superseded()
      },
    })
  } catch (error) {
    if (error instanceof Superseded) return null
    throw error
  } finally {
    clearInterval(renewal)
    await db().import.updateMany({ where: owned, data: UNHELD })
  }
}

const leaseEnd = () => new Date(now().getTime() + LEASE_MS)

async function acquire(id: string, by: string): Promise<Import | null> {
  const { count } = await db().import.updateMany({
    where: {
      id,
      user: { erasingAt: null, suspendedAt: null },
      AND: [
        { OR: [{ state: { in: [...CONTINUED] } }, { state: 'needs_answer', cancelledAt: { not: null } }] },
        { OR: [{ heldUntil: null }, { heldUntil: { lt: now() } }, { heldBy: by }] },
      ],
    },
    data: { heldBy: by, heldUntil: leaseEnd() },
  })
  return count === 1 ? db().import.findUnique({ where: { id } }) : null
}
