import { MINUTE, now } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db } from '#lib/db.ts'
import { closeRun } from './close-run.ts'

/** Runs are closed by whatever ends them; one whose closing failed or was never asked for is found by the plan. */

/** Closes a run that ended. @returns the connected warehouses whose load follows */
export async function finishRun(runId: string): Promise<string[]> {
  const connected = await closeRun(runId)
  await db().run.updateMany({ where: { id: runId, closedAt: null }, data: { closedAt: now() } })
  return connected
}

/**
 * Closes the run that ended with a piece of work, in the same breath: an event of its own would cost as much as the work.
 * What was done stays done when the closing fails.
 */
export async function closing<T extends { endedRun?: string }>(end: T): Promise<T & { connected: string[] }> {
  if (!end.endedRun) return { ...end, connected: [] }
  try {
    return { ...end, connected: await finishRun(end.endedRun) }
  } catch (thrown) {
    log.warn('a run was not closed, plan will ask for it', { runId: end.endedRun, problem: messageOf(thrown) })
    return { ...end, connected: [] }
  }
}

const PATIENCE_MS = MINUTE
const MOST_AT_ONCE = 500

/** Runs that ended a while ago and were not closed since, the oldest first. */
export async function unclosedRuns(at: Date): Promise<string[]> {
  const runs = await db().run.findMany({
    where: { closedAt: null, endedAt: { lt: new Date(at.getTime() - PATIENCE_MS) } },
    orderBy: { endedAt: 'asc' },
    select: { id: true },
    take: MOST_AT_ONCE,
  })
  return runs.map(({ id }) => id)
}
