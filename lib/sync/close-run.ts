import { now } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { tellRun } from '#lib/notifications/notify-run.ts'
import { bringForward } from '#lib/schedule/plan.ts'
import { connectedDue } from '#lib/storage/destinations.ts'
import { sweepLanding } from './sweep-landing.ts'

/**
 * What is left to do once a run ended: the listener told, the landing zone in order, a busy listener looked at sooner.
 * @returns the connected warehouses whose load follows
 */
export async function closeRun(runId: string): Promise<string[]> {
  await tellRun(runId)
  await sweepLanding()
  const run = await db().run.findUnique({ where: { id: runId } })
  if (run?.kind !== 'extract') return []
  const poll = await db().poll.findFirst({
    where: { userId: run.userId, at: { gte: run.queuedAt, lte: now() } },
    orderBy: { at: 'desc' },
  })
  if (poll && poll.overlapped !== null) await bringForward(run.userId, poll.newCount, now())
  return connectedDue(run.userId)
}
