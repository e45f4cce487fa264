import { DAY } from '../clock.ts'
import { db } from '../db.ts'

/** No subject is told again later than that. */
const MESSAGES_MS = 200 * DAY
const YEAR_MS = 366 * DAY

/** Forgets what is long over, so that no table grows for good: what is open, or waits to be sent, stays. */
export async function tidy(at: Date): Promise<void> {
  const since = (ms: number) => new Date(at.getTime() - ms)
  await db().message.deleteMany({ where: { nextAt: null, createdAt: { lt: since(MESSAGES_MS) } } })
  await db().alert.deleteMany({ where: { endedAt: { lt: since(YEAR_MS) } } })
  await db().auditEvent.deleteMany({ where: { at: { lt: since(YEAR_MS) } } })
}
