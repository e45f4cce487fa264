import { now } from '../clock.ts'
import { db } from '../db.ts'
import { tellRun } from '../listener/telling/tell-run.ts'
import { connectedDue } from './destinations.ts'
import { bringForward } from './plan.ts'
import { sweepLanding } from './sweep.ts'

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
