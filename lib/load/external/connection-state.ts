import { recordAudit } from '#lib/audit.ts'
import { type Failure, messageOf, Wait } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type WarehouseConnection } from '#lib/db.ts'
import { openAlert, resolveAlert } from '#lib/notifications/alerts.ts'
import { retryAt } from '#lib/storage/destinations.ts'
import { openLoadRun } from './load-run.ts'

const ALERT = { kind: 'warehouse' } as const

/**
 * Lets the loads of an unavailable external warehouse wait, and alerts the listener once. A temporary failure is retried
 * at growing intervals. One that a person has to fix is not retried before they act, because Snowflake locks a user after
 * five refused sign-ins.
 */
export async function waitForExternal(
  { id, userId, problemSince }: WarehouseConnection,
  failure: Failure,
): Promise<void> {
  const now = new Date()
  const since = problemSince ?? now
  const until =
    failure instanceof Wait ? new Date(Math.max(failure.until.getTime(), retryAt(since, now).getTime())) : null
  const details = { problem: failure.message, remedy: failure.remedy }
  await db().warehouseConnection.updateMany({
    where: { id },
    data: {
      ...details,
      state: until ? 'waiting' : 'failed',
      problemSince: since,
      loadAfter: until,
      loadingUntil: null,
      loadingBy: null,
    },
  })
  const run = await openLoadRun(id)
  if (run) await db().run.update({ where: { id: run.id }, data: { ...details, state: 'waiting', waitingUntil: until } })
  await openAlert(userId, ALERT, { ...details, runId: run?.id ?? null })
  if (problemSince) return
  log.error('the external warehouse cannot be used', {
    connectionId: id,
    ...failure.context,
    ...details,
    cause: messageOf(failure.cause),
  })
  await recordAudit(null, 'an external warehouse became unavailable', userId, { problem: failure.message })
}

/** Marks the external warehouse as working, and resolves its alert. */
export async function markRecovered({ id, userId, problemSince }: WarehouseConnection): Promise<void> {
  await db().warehouseConnection.updateMany({
    where: { id },
    data: { state: 'ready', problem: null, remedy: null, problemSince: null },
  })
  await resolveAlert(userId, ALERT)
  if (problemSince) await recordAudit(null, 'an external warehouse works again', userId)
}
