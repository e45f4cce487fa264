import { DAY } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'

/** Nothing is notified again after this time, so the duplicates check no longer needs the message. */
const MESSAGES_MS = 200 * DAY
const YEAR_MS = 366 * DAY

/** Deletes old messages, resolved alerts and audit events, so that no table grows forever. */
export async function deleteOldRecords(at: Date): Promise<void> {
  const since = (ms: number) => new Date(at.getTime() - ms)
  await db().message.deleteMany({ where: { nextAt: null, createdAt: { lt: since(MESSAGES_MS) } } })
  await db().alert.deleteMany({ where: { endedAt: { lt: since(YEAR_MS) } } })
  await db().auditEvent.deleteMany({ where: { at: { lt: since(YEAR_MS) } } })
}
