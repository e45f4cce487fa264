import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { db, type Prisma } from '#lib/db.ts'

/**
 * A slice ends within a minute, and no server waits longer than 2.5 minutes before it repeats a failed one. After this long
 * without a new slice, the server has forgotten the job.
 */
const SILENT_MS = 5 * MINUTE
/** While every slot is taken, a job may have to wait for its turn, and while it loads, for other loads. */
const BUSY_SILENT_MS = HOUR
/** A slice that started within this time may still have its slot. */
const IN_SLOT_MS = MINUTE

/**
 * The condition for running stream runs whose job is considered lost. If such a job comes back, it finds that a newer
 * attempt has replaced it.
 */
export async function hasLostJob(now: Date): Promise<Prisma.StreamRunWhereInput> {
  const before = (ms: number) => new Date(now.getTime() - ms)
  const inSlot = await db().streamRun.count({
    where: { state: 'running', phase: 'extracting', sentAt: { gt: before(IN_SLOT_MS) } },
  })
  const silentMs = inSlot < settings().POOL_SLOTS ? SILENT_MS : BUSY_SILENT_MS
  return {
    state: 'running',
    OR: [
      { sentAt: { lt: before(BUSY_SILENT_MS) } },
      { sentAt: { lt: before(silentMs) }, phase: { not: 'loading' } },
      { sentAt: { lt: before(silentMs) }, phase: null },
    ],
  }
}
