import type { ListenerChange } from '#lib/api/admin.ts'
import type { EraseReceipt } from '#lib/api/shapes.ts'
import { audit } from '#lib/audit.ts'
import { now } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, type Prisma, type User } from '#lib/db.ts'
import { takeAdminTurn } from './admins.ts'
import { stopRuns } from './disconnect.ts'
import { goOnErasing, requireName } from './erase.ts'

/** What an admin may do to listeners. The last admin who can act is protected from all of it. */

/** An admin who can sign in. */
const ACTING = { isAdmin: true, suspendedAt: null, erasingAt: null } satisfies Prisma.UserWhereInput

/**
 * Changes all of it or nothing.
 * @throws Refused 404, 409 for oneself, the last admin and where ADMINS decides
 */
export async function changePerson(adminId: string, userId: string, change: ListenerChange): Promise<void> {
  const { suspended, isAdmin } = change
  if (suspended !== undefined && adminId === userId) {
    throw new Refused(409, 'oneself', 'You cannot suspend yourself', 'Ask another admin, or disconnect Spotify.')
  }
  if (isAdmin !== undefined && settings().ADMINS.length > 0) {
    throw new Refused(
      409,
      'admins-are-set',
      'The setting ADMINS names the admins of this instance',
      'Change ADMINS and start again.',
    )
  }
  const before = await inTurn(userId, suspended === true || isAdmin === false, (tx, { suspendedAt }) =>
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
    await audit(adminId, suspended ? 'suspended a listener' : 'resumed a listener', userId)
  if (isAdmin !== undefined && isAdmin !== before.isAdmin)
    await audit(adminId, isAdmin ? 'made somebody an admin' : 'withdrew the rights of an admin', userId)
}

/**
 * Removes a listener with everything of theirs.
 * @param confirm the listener's name, typed
 * @throws Refused 400 when the name does not match, 404, 409 for oneself and the last admin
 */
export async function removeListener(adminId: string, userId: string, confirm: string): Promise<EraseReceipt> {
  if (adminId === userId) {
    throw new Refused(409, 'oneself', 'You cannot remove yourself here', 'Use "Delete everything" on Settings.')
  }
  const user = await db().user.findUnique({ where: { id: userId } })
  if (!user) throw nobody()
  requireName(user, confirm)
  // One that broke off is gone on with.
  if (!user.erasingAt) {
    await inTurn(userId, true, (tx) => tx.user.update({ where: { id: userId }, data: { erasingAt: now() } }))
    await audit(adminId, 'removed a listener', userId)
  }
  return goOnErasing(userId)
}

/**
 * Changes a listener while no other change of admins goes on.
 * @param takes whether an admin may be lost by it
 * @returns the listener as they were
 */
async function inTurn(
  userId: string,
  takes: boolean,
  deed: (tx: Prisma.TransactionClient, before: User) => Promise<unknown>,
): Promise<User> {
  return db().$transaction(async (tx) => {
    await takeAdminTurn(tx)
    const before = await tx.user.findFirst({ where: { id: userId, erasingAt: null } })
    if (!before) throw nobody()
    await deed(tx, before)
    if (takes && before.isAdmin && (await tx.user.count({ where: ACTING })) === 0) {
      throw new Refused(
        409,
        'last-admin',
        'This is the last admin, and without one nobody could do this again',
        'Make somebody else an admin first.',
      )
    }
    return before
  })
}

function nobody(): Refused {
  return new Refused(404, 'not-found', 'There is no such listener', 'Reload the page.')
}
