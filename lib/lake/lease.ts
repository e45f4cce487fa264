import { now, SECOND } from '#lib/core/clock.ts'
import { db, type LakeConnection, type Prisma } from '#lib/db.ts'

/**
 * One job at a time publishes a listener's files. Its lease is in the row and expires, so that a killed process can't keep
 * it. Each write of a job requires the lease, so a superseded job changes nothing.
 */

const LEASE_MS = 60 * SECOND
const RENEW_EVERY_MS = 15 * SECOND

interface Job {
  ended: Promise<unknown>
  /** Set while it holds the lease. */
  stop?: () => void
}

// Routes and background functions are bundled separately and must find the same jobs.
const KEY: unique symbol = Symbol.for('tracklake.lake.jobs')
const holder = globalThis as { [KEY]?: Map<string, Job> }
holder[KEY] ??= new Map()
/** The jobs of this process by listener. An engine that was killed repeats a call that is still running here. */
const running = holder[KEY]

/** Another job has taken over, another bucket was saved, or the listener is being deleted. */
class Superseded extends Error {
  constructor() {
    super('The publication is no longer this job’s')
    this.name = 'Superseded'
  }
}

/** A job's hold on a listener's publication. */
export interface Hold {
  connection: LakeConnection
  /** Aborted when the lease is lost. */
  signal: AbortSignal
  /** Changes the row. @throws Superseded */
  write(data: Prisma.LakeConnectionUpdateManyMutationInput): Promise<void>
  /** Like `write`, together with other changes. @throws Superseded, without having changed anything */
  commit(
    data: Prisma.LakeConnectionUpdateManyMutationInput,
    more: (tx: Prisma.TransactionClient) => Promise<void>,
  ): Promise<void>
}

/**
 * Publishes while holding the lease.
 * @param by names the job, so that its repetition keeps the lease
 * @returns null if nothing is due, or while another job holds it
 */
export async function withLease<T>(userId: string, by: string, work: (hold: Hold) => Promise<T>): Promise<T | null> {
  const before = running.get(userId)?.ended ?? Promise.resolve()
  const current: Job & { ended: Promise<T | null> } = {
    ended: before.catch(() => undefined).then(() => hold(userId, by, work, current)),
  }
  running.set(userId, current)
  try {
    return await current.ended
  } finally {
    if (running.get(userId) === current) running.delete(userId)
  }
}

/** Stops a job of this process whose lease was taken. */
export async function stopJob(userId: string): Promise<void> {
  const job = running.get(userId)
  job?.stop?.()
  await job?.ended.catch(() => undefined)
}

async function hold<T>(userId: string, by: string, work: (hold: Hold) => Promise<T>, job: Job): Promise<T | null> {
  const connection = await acquire(userId, by)
  if (!connection) return null
  const lost = new AbortController()
  job.stop = () => lost.abort(new Superseded())
  // A bucket that is saved meanwhile starts another round.
  const owned = { userId, heldBy: by, round: connection.round }
  const renewal = setInterval(() => {
    db()
      .lakeConnection.updateMany({ where: owned, data: { heldUntil: leaseEnd() } })
      .then(({ count }) => count > 0 || lost.abort(new Superseded()))
      // The database may be back before the lease expires.
      .catch(() => undefined)
  }, RENEW_EVERY_MS)
  const commit: Hold['commit'] = (data, more) =>
    db().$transaction(async (tx) => {
      if ((await tx.lakeConnection.updateMany({ where: owned, data })).count === 0) throw new Superseded()
      await more(tx)
    })
  try {
    return await work({ connection, signal: lost.signal, commit, write: (data) => commit(data, async () => undefined) })
  } catch (error) {
    if (error instanceof Superseded) return null
    throw error
  } finally {
    clearInterval(renewal)
    await db().lakeConnection.updateMany({ where: { userId, heldBy: by }, data: { heldBy: null, heldUntil: null } })
  }
}

const leaseEnd = () => new Date(now().getTime() + LEASE_MS)

/** What is due: requested, interrupted, or at its time. */
export function dueAt(at: Date): Prisma.LakeConnectionWhereInput {
  return {
    user: { erasingAt: null, suspendedAt: null },
    OR: [{ state: { in: ['queued', 'publishing'] } }, { nextAt: { lte: at } }],
  }
}

async function acquire(userId: string, by: string): Promise<LakeConnection | null> {
  const at = now()
  const { count } = await db().lakeConnection.updateMany({
    where: { userId, AND: [dueAt(at), { OR: [{ heldUntil: null }, { heldUntil: { lt: at } }, { heldBy: by }] }] },
    data: { heldBy: by, heldUntil: leaseEnd(), state: 'publishing', startedAt: at, done: 0, total: 0, nextAt: null },
  })
  return count === 1 ? db().lakeConnection.findUnique({ where: { userId } }) : null
}
