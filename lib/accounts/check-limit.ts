import { COUNTED_ACTIONS, recordAudit } from '#lib/audit.ts'
import { HOUR, now, SECOND } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db } from '#lib/db.ts'

const ACTION = COUNTED_ACTIONS.appChecked
/** Each check is a request to Spotify from this machine. */
const MAX_AN_HOUR = 20

/**
 * Counts one manual check of a Spotify app.
 * @param by the signed-in listener, or the invite that the visitor holds
 * @throws Refused 429 after too many within an hour
 */
export async function countCheck(by: { listener: string } | { invite: string }): Promise<void> {
  const [actor, subject] = 'listener' in by ? [by.listener, by.listener] : [null, by.invite]
  const since = new Date(now().getTime() - HOUR)
  await db().$transaction(async (tx) => {
    // Serialized, because concurrent requests would all pass the count.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`${ACTION} ${subject}`}, 0))`
    const checks = await tx.auditEvent.count({ where: { at: { gt: since }, action: ACTION, subject } })
    if (checks >= MAX_AN_HOUR) {
      throw new Refused(
        429,
        'too-many-checks',
        `The app was checked ${checks} times within the last hour`,
        'Compare everything with the dashboard, then check again in an hour.',
        undefined,
        HOUR / SECOND,
      )
    }
    await recordAudit(actor, ACTION, subject, {}, tx)
  })
}
