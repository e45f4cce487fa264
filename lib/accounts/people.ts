import type { ListenerChange } from '#lib/api/admin.ts'
import type { EraseReceipt } from '#lib/api/shapes.ts'
import { recordAudit } from '#lib/audit.ts'
import { now } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, type Prisma, type User } from '#lib/db.ts'
import { lockAdmins } from './admins.ts'
import { stopRuns } from './disconnect.ts'
import { completeErasure, requireName } from './erase.ts'

/** What admins can do to listeners. The last active admin is protected from all of it. */

/** An admin who can sign in. */
const ACTIVE_ADMIN = { isAdmin: true, suspendedAt: null, erasingAt: null } satisfies Prisma.UserWhereInput

/**
 * Applies the whole change or nothing.
 * @throws Refused 404, 409 for oneself, the last admin and where ADMINS decides
 */
export async function changePerson(adminId: string, userId: string, change: ListenerChange): Promise<void> {
  const { suspended, isAdmin } = change
  if (suspended !== undefined && adminId === userId) {
    throw new Refused(409, 'oneself', "You can't suspend yourself", 'Ask another admin, or disconnect Spotify.')
  }
  if (isAdmin !== undefined && settings().ADMINS.length > 0) {
    throw new Refused(409, 'admins-are-set', 'The setting ADMINS decides who is an admin', 'Change ADMINS and restart.')
  }
  const before = await changeListener(userId, suspended === true || isAdmin === false, (tx, { suspendedAt }) =>
    tx.user.update({
      where: { id: userId },
      data: {
        ...(suspended === undefined ? {} : { suspendedAt: suspended ? (suspendedAt ?? now()) : null }),
        ...(isAdmin === undefined ? {} : { isAdmin }),
      },
    }),
  )
  if (suspended) {
    await db().session.deleteMany({ where: { userId } })
    await stopRuns(userId)
  }
  if (suspended !== undefined && suspended !== (before.suspendedAt !== null))
    await recordAudit(adminId, suspended ? 'suspended a listener' : 'resumed a listener', userId)
  if (isAdmin !== undefined && isAdmin !== before.isAdmin)
    await recordAudit(adminId, isAdmin ? 'made a listener an admin' : 'removed admin rights', userId)
}

/**
 * Deletes a listener and all their data.
 * @param confirm the listener's name, as typed
 * @throws Refused 400 when the name does not match, 404, 409 for oneself, the last admin and a deletion in progress
 */
export async function removeListener(adminId: string, userId: string, confirm: string): Promise<EraseReceipt> {
  if (adminId === userId) {
    throw new Refused(409, 'oneself', "You can't remove yourself here", 'Use "Delete account" in Settings.')
  }
  const user = await db().user.findUnique({ where: { id: userId } })
  if (!user) throw unknownListener()
  requireName(user, confirm)
  // An interrupted removal is resumed.
  if (!user.erasingAt) {
    await changeListener(userId, true, (tx) => tx.user.update({ where: { id: userId }, data: { erasingAt: now() } }))
    await recordAudit(adminId, 'removed a listener', userId)
  }
  return completeErasure(userId)
}

/**
 * Changes a listener while no other change of admins can happen.
 * @param canLoseAdmin whether the change may remove the last admin
 * @returns the listener before the change
 */
async function changeListener(
  userId: string,
  canLoseAdmin: boolean,
  change: (tx: Prisma.TransactionClient, before: User) => Promise<unknown>,
): Promise<User> {
  return db().$transaction(async (tx) => {
    await lockAdmins(tx)
    const before = await tx.user.findFirst({ where: { id: userId, erasingAt: null } })
    if (!before) throw unknownListener()
    await change(tx, before)
    if (canLoseAdmin && before.isAdmin && (await tx.user.count({ where: ACTIVE_ADMIN })) === 0) {
      throw new Refused(409, 'last-admin', 'This is the last admin', 'Make somebody else an admin first.')
    }
    return before
  })
}

function unknownListener(): Refused {
  return new Refused(404, 'not-found', 'This listener does not exist', 'Reload the page.')
}
