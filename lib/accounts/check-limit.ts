import { audit } from '#lib/audit.ts'
import { HOUR, now } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db } from '#lib/db.ts'

const ACTION = 'checked a Spotify app'
/** Each is a request to Spotify from this machine, which answers for all of them. */
const MOST_AN_HOUR = 20

/**
 * Counts a check of a Spotify app that somebody asks for by hand.
 * @param by listener who is signed in, or the invite that somebody holds
 * @throws Refused 429 after too many
 */
export async function countCheck(by: { listener: string } | { invite: string }): Promise<void> {
  const [actor, subject] = 'listener' in by ? [by.listener, by.listener] : [null, by.invite]
  const since = new Date(now().getTime() - HOUR)
  await db().$transaction(async (tx) => {
    // One after the other, or a hundred at once would all find the hour empty.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`${ACTION} ${subject}`}, 0))`
    const checks = await tx.auditEvent.count({ where: { at: { gt: since }, action: ACTION, subject } })
    if (checks >= MOST_AN_HOUR) {
      throw new Refused(
        429,
        'too-many-checks',
        `Spotify was asked ${checks} times within the last hour`,
        'Compare everything with the dashboard once more, and check again in an hour.',
      )
    }
    await audit(actor, ACTION, subject, {}, tx)
  })
}
