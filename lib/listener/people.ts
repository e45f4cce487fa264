import type { EraseAnswer } from '../answers.ts'
import { now } from '../clock.ts'
import { settings } from '../config.ts'
import { db, type Prisma } from '../db.ts'
import { Refused } from '../errors.ts'
import { audit } from './audit.ts'
import { stopRuns } from './disconnect.ts'
import { erase } from './erase.ts'
import { takeAdminTurn } from './first-admin.ts'

/** What an admin may do to listeners. The last admin who can act is protected from all of it. */

/** An admin who can sign in. */
const ACTING = { isAdmin: true, suspendedAt: null, erasingAt: null } satisfies Prisma.UserWhereInput

/**
 * No sign-in, nothing is planned, what is under way stops; the data stays. And back.
 * @throws Refused 404, 409 for oneself and the last admin
 */
export async function suspend(adminId: string, userId: string, suspended: boolean): Promise<void> {
  if (adminId === userId) {
    throw new Refused(409, 'oneself', 'You cannot suspend yourself', 'Ask another admin, or disconnect Spotify.')
  }
  const changed = await change(userId, suspended, (tx) =>
    tx.user.updateMany({
      where: { id: userId, suspendedAt: suspended ? null : { not: null } },
      data: { suspendedAt: suspended ? now() : null },
    }),
  )
  if (suspended) {
    await db().session.deleteMany({ where: { userId } })
    await stopRuns(userId)
  }
  if (changed) await audit(adminId, suspended ? 'suspended a listener' : 'resumed a listener', userId)
}

/**
 * Grants or withdraws the right to see and do all this.
 * @throws Refused 404, 409 for the last admin and where ADMINS decides
 */
export async function setAdmin(adminId: string, userId: string, isAdmin: boolean): Promise<void> {
  if (settings().ADMINS.length > 0) {
    throw new Refused(
      409,
      'admins-are-set',
      'The setting ADMINS names the admins of this instance',
      'Change ADMINS and start again; it counts with the next sign-in.',
    )
  }
  const changed = await change(userId, !isAdmin, (tx) =>
    tx.user.updateMany({ where: { id: userId, isAdmin: !isAdmin }, data: { isAdmin } }),
  )
  if (changed) await audit(adminId, isAdmin ? 'made somebody an admin' : 'withdrew the rights of an admin', userId)
}

/**
 * Removes a listener with everything of theirs.
 * @param confirm the listener's name, typed
 * @throws Refused 400 when the name does not match, 404, 409 for oneself
 */
export async function removeListener(adminId: string, userId: string, confirm: string): Promise<EraseAnswer> {
  if (adminId === userId) {
    throw new Refused(409, 'oneself', 'You cannot remove yourself here', 'Use "Delete everything" on Settings.')
  }
  if (!(await db().user.count({ where: { id: userId } }))) throw nobody()
  const receipt = await erase(userId, confirm)
  await audit(adminId, 'removed a listener', userId, { receipt: receipt.receipt })
  return receipt
}

/** Changes a listener while no other change of admins goes on. @param takes whether an admin may be lost by it */
async function change(
  userId: string,
  takes: boolean,
  deed: (tx: Prisma.TransactionClient) => Promise<{ count: number }>,
): Promise<boolean> {
  return db().$transaction(async (tx) => {
    await takeAdminTurn(tx)
    if (!(await tx.user.count({ where: { id: userId, erasingAt: null } }))) throw nobody()
    const { count } = await deed(tx)
    if (takes && count > 0 && (await tx.user.count({ where: ACTING })) === 0) {
      throw new Refused(
        409,
        'last-admin',
        'This is the last admin, and without one nobody could do this again',
        'Make somebody else an admin first.',
      )
    }
    return count > 0
  })
}

function nobody(): Refused {
  return new Refused(404, 'not-found', 'There is no such listener', 'Reload the page.')
}
