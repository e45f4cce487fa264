import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { db, type Prisma } from '#lib/db.ts'

/**
 * A slice ends within a minute, and no server waits longer than 2.5 minutes before it repeats a failed one. If there is
 * no new slice for this long, the server forgot the job.
 */
const SILENT_MS = 5 * MINUTE
/** However many jobs wait for their turn. While a stream run loads, its load may wait for other loads. */
const MAX_SILENT_MS = HOUR
/** How long a slice has its slot at most. */
const IN_SLOT_MS = MINUTE

/**
 * The condition for running stream runs whose job is considered lost. If such a job comes back, it detects that a newer
 * attempt replaced it.
 */
export async function hasLostJob(now: Date): Promise<Prisma.StreamRunWhereInput> {
  const before = (ms: number) => new Date(now.getTime() - ms)
  const slots = settings().POOL_SLOTS
  const inSlot = await db().streamRun.count({
    where: { state: 'running', phase: 'extracting', sentAt: { gt: before(IN_SLOT_MS) } },
  })
  const jobs = await db().streamRun.count({
    where: {
      state: { in: ['queued', 'running'] },
      sentAt: { not: null },
      OR: [{ phase: null }, { phase: 'extracting' }],
    },
  })
  // While every slot is taken, each job waits until the others had theirs.
  const turnMs = inSlot < slots ? 0 : Math.ceil(jobs / slots) * IN_SLOT_MS
  const silentMs = Math.min(SILENT_MS + turnMs, MAX_SILENT_MS)
  return {
    state: 'running',
    OR: [
      { sentAt: { lt: before(MAX_SILENT_MS) } },
      { sentAt: { lt: before(silentMs) }, phase: { not: 'loading' } },
      { sentAt: { lt: before(silentMs) }, phase: null },
    ],
  }
}
