import { db, type WarehouseConnection } from '../../db.ts'
import { type Failure, messageOf, Wait } from '../../errors.ts'
import { audit } from '../../listener/audit.ts'
import { beginTrouble, endTrouble } from '../../listener/telling/tell.ts'
import { log } from '../../log.ts'
import { tryAgainAt } from '../destinations.ts'
import { openLoadRun } from './load-run.ts'

const ALERT = { kind: 'warehouse' } as const

/**
 * The connected warehouse cannot be used: what was read waits, nothing that is loaded is touched. What passes is tried
 * again by itself, ever more rarely; what a person has to mend is not tried again before they did something, because
 * Snowflake locks a user after five refused sign-ins. One trouble is told once.
 */
export async function waitForConnected(
  { id, userId, problemSince }: Pick<WarehouseConnection, 'id' | 'userId' | 'problemSince'>,
  failure: Failure,
): Promise<void> {
  const now = new Date()
  const since = problemSince ?? now
  const until =
    failure instanceof Wait ? new Date(Math.max(failure.until.getTime(), tryAgainAt(since, now).getTime())) : null
  const said = { problem: failure.message, remedy: failure.remedy }
  await db().warehouseConnection.updateMany({
    where: { id },
    data: {
      ...said,
      state: until ? 'waiting' : 'failed',
      problemSince: since,
      loadAfter: until,
      loadingUntil: null,
      loadingBy: null,
    },
  })
  const run = await openLoadRun(id)
  if (run) await db().run.update({ where: { id: run.id }, data: { ...said, state: 'waiting', waitingUntil: until } })
  await beginTrouble(userId, ALERT, { ...said, runId: run?.id ?? null })
  if (problemSince) return
  log.error('the connected warehouse cannot be used', {
    connectionId: id,
    ...failure.context,
    ...said,
    cause: messageOf(failure.cause),
  })
  await audit(null, 'a connected warehouse waits', userId, { problem: failure.message })
}

/** The connected warehouse works (again). */
export async function recovered({
  id,
  userId,
  problemSince,
}: Pick<WarehouseConnection, 'id' | 'userId' | 'problemSince'>): Promise<void> {
  await db().warehouseConnection.updateMany({
    where: { id },
    data: { state: 'ready', problem: null, remedy: null, problemSince: null },
  })
  await endTrouble(userId, ALERT)
  if (problemSince) await audit(null, 'a connected warehouse works again', userId)
}
