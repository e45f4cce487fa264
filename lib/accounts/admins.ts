import { settings } from '#lib/core/config.ts'
import { db, type Prisma } from '#lib/db.ts'
import type { Profile } from '#lib/spotify/profile.ts'

/** Who is an admin: the people in ADMINS or, if it is empty, the first listener and then the oldest remaining one. */

// Listeners have an account; a sign-in that never finished doesn't count.
const LISTENER = { accounts: { some: {} } } satisfies Prisma.UserWhereInput

/** Someone who can sign in. */
const ACTIVE_LISTENER = { ...LISTENER, suspendedAt: null, erasingAt: null } satisfies Prisma.UserWhereInput

/** Serializes the transactions that decide who is an admin. Held until the transaction ends. */
export async function lockAdmins(tx: Prisma.TransactionClient): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('first listener', 0))`
}

/** Whether anybody has signed up. */
export async function hasListeners(tx: Pick<Prisma.TransactionClient, 'user'> = db()): Promise<boolean> {
  return (await tx.user.count({ where: LISTENER })) > 0
}

/** Whether anyone can act as an admin. If everyone is suspended, the next person to sign up becomes one. */
export async function hasActiveListener(tx: Prisma.TransactionClient): Promise<boolean> {
  return (await tx.user.count({ where: ACTIVE_LISTENER })) > 0
}

/** Makes the oldest remaining listener the admin if the only admin leaves. Call `lockAdmins` first. */
export async function passOnAdmin(tx: Prisma.TransactionClient, leaving: string): Promise<void> {
  const stays = { ...ACTIVE_LISTENER, id: { not: leaving } }
  const { isAdmin } = await tx.user.findUniqueOrThrow({ where: { id: leaving } })
  if (!isAdmin || (await tx.user.count({ where: { ...stays, isAdmin: true } })) > 0) return
  const next = await tx.user.findFirst({ where: stays, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] })
  if (!next) return
  await tx.user.update({ where: { id: next.id }, data: { isAdmin: true } })
  await tx.auditEvent.create({
    data: { actor: null, action: 'became admin after the last admin left', subject: next.id },
  })
}

/** Whether ADMINS contains this person. */
export function isNamed({ userId, accountId }: Profile): boolean {
  const { ADMINS } = settings()
  return ADMINS.includes(userId) || (accountId !== null && ADMINS.includes(accountId))
}

/** Applies ADMINS at start, so that open sessions lose or gain admin rights. */
export async function applyAdmins(): Promise<void> {
  const { ADMINS } = settings()
  if (ADMINS.length === 0) return
  // Two steps, because SQL's `not in` yields null for a listener without one of the two ids.
  const named = await db().user.findMany({
    where: { OR: [{ spotifyUserId: { in: ADMINS } }, { spotifyAccountId: { in: ADMINS } }] },
    select: { id: true },
  })
  const ids = named.map(({ id }) => id)
  await db().user.updateMany({ where: { isAdmin: true, id: { notIn: ids } }, data: { isAdmin: false } })
  await db().user.updateMany({ where: { isAdmin: false, id: { in: ids } }, data: { isAdmin: true } })
}
