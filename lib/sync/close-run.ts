import { MINUTE, now } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db } from '#lib/db.ts'
import { notifyOpenRuns, notifyRun } from '#lib/notifications/notify-run.ts'
import { bringForward } from '#lib/schedule/plan.ts'
import { externalDue } from '#lib/storage/destinations.ts'
import { sweepLanding } from './sweep-landing.ts'

/**
 * What follows the end of a run. Whatever ends a run also closes it; the plan finds those whose closing failed or was never
 * requested.
 */

/**
 * Notifies the listener, sweeps the landing zone and, after a busy hour, brings the next poll forward. Repeating it does no
 * harm.
 * @returns the connections whose external load is due
 */
export async function closeRun(runId: string): Promise<string[]> {
  await notifyRun(runId)
  await sweepLanding()
  const externalLoads = await afterExtract(runId)
  await db().run.updateMany({ where: { id: runId, closedAt: null }, data: { closedAt: now() } })
  return externalLoads
}

async function afterExtract(runId: string): Promise<string[]> {
  const run = await db().run.findUnique({ where: { id: runId } })
  if (run?.kind !== 'extract') return []
  const poll = await db().poll.findFirst({
    where: { userId: run.userId, at: { gte: run.queuedAt, lte: now() } },
    orderBy: { at: 'desc' },
  })
  if (poll && poll.overlapped !== null) await bringForward(run.userId, poll.newCount, now())
  return externalDue(run.userId)
}

/**
 * Closes a run when its last piece of work ends, in the same job, because a separate event would cost as much as the
 * work. Otherwise, notifies about streams that ended in waiting runs. The work counts as done even if this fails.
 * @returns the work's result, and in `connected` the external loads that are due: jobs store it, so the name must stay
 */
export async function closeEndedRun<Result extends { endedRun?: string }>(
  result: Result,
): Promise<Result & { connected: string[] }> {
  const { endedRun } = result
  try {
    if (endedRun) return { ...result, connected: await closeRun(endedRun) }
    await notifyOpenRuns()
  } catch (error) {
    log.warn('a run was not followed up; the plan will retry', { runId: endedRun, problem: messageOf(error) })
  }
  return { ...result, connected: [] }
}

const CLOSE_LATE_MS = MINUTE
const MAX_AT_ONCE = 500

/** Runs that ended a while ago and still aren't closed, oldest first. */
export async function unclosedRuns(at: Date): Promise<string[]> {
  const runs = await db().run.findMany({
    where: { closedAt: null, endedAt: { lt: new Date(at.getTime() - CLOSE_LATE_MS) } },
    orderBy: { endedAt: 'asc' },
    select: { id: true },
    take: MAX_AT_ONCE,
  })
  return runs.map(({ id }) => id)
}
