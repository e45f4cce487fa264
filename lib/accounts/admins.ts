import { settings } from '#lib/core/config.ts'
import { db, type Prisma } from '#lib/db.ts'
import type { Profile } from '#lib/spotify/profile.ts'

/**
 * Who is admin: whom ADMINS names; when it names nobody the first listener, and after them the one who has been here
 * longest.
 */

// A listener is somebody with an account: next to it no half-made sign-in counts.
const LISTENER = { accounts: { some: {} } } satisfies Prisma.UserWhereInput

/** Somebody who can sign in. */
const ACTING = { ...LISTENER, suspendedAt: null, erasingAt: null } satisfies Prisma.UserWhereInput

/** Lets the transactions that decide on an admin come one after the other. */
export async function takeAdminTurn(tx: Prisma.TransactionClient): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('first listener', 0))`
}

/** Whether anybody has signed up. */
export async function hasListeners(tx: Pick<Prisma.TransactionClient, 'user'> = db()): Promise<boolean> {
  return (await tx.user.count({ where: LISTENER })) > 0
}

/** Whether anybody is left who could be admin: whoever comes next is, when all others are suspended. */
export async function hasActing(tx: Prisma.TransactionClient): Promise<boolean> {
  return (await tx.user.count({ where: ACTING })) > 0
}

/** Makes the oldest listener who stays the admin, if the only admin is leaving. Wants `takeAdminTurn` before it. */
export async function handAdminOn(tx: Prisma.TransactionClient, leaving: string): Promise<void> {
  const stays = { ...ACTING, id: { not: leaving } }
  const { isAdmin } = await tx.user.findUniqueOrThrow({ where: { id: leaving } })
  if (!isAdmin || (await tx.user.count({ where: { ...stays, isAdmin: true } })) > 0) return
  const next = await tx.user.findFirst({ where: stays, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] })
  if (!next) return
  await tx.user.update({ where: { id: next.id }, data: { isAdmin: true } })
  await tx.auditEvent.create({
    data: { actor: null, action: 'became admin after the last one left', subject: next.id },
  })
}

/** Whether ADMINS names somebody. */
export function isNamed({ userId, accountId }: Profile): boolean {
  const { ADMINS } = settings()
  return ADMINS.includes(userId) || (accountId !== null && ADMINS.includes(accountId))
}

/** At the start: a session that is open does not outlast what ADMINS says. */
export async function applyAdmins(): Promise<void> {
  const { ADMINS } = settings()
  if (ADMINS.length === 0) return
  // Two questions: of a listener without one of the two ids, SQL would not know whether they are named.
  const named = await db().user.findMany({
    where: { OR: [{ spotifyUserId: { in: ADMINS } }, { spotifyAccountId: { in: ADMINS } }] },
    select: { id: true },
  })
  const ids = named.map(({ id }) => id)
  await db().user.updateMany({ where: { isAdmin: true, id: { notIn: ids } }, data: { isAdmin: false } })
  await db().user.updateMany({ where: { isAdmin: false, id: { in: ids } }, data: { isAdmin: true } })
}
