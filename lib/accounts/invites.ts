import { createHash, randomBytes } from 'node:crypto'
import { ulid } from 'ulid'
import type { Invite, InviteForm, InvitesResponse, NewInvite } from '#lib/api/admin.ts'
import { audit } from '#lib/audit.ts'
import { DAY, now } from '#lib/core/clock.ts'
import { appUrl } from '#lib/core/config.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, type Invite as InviteRow, type Prisma } from '#lib/db.ts'
import { signUps } from './sign-up-policy.ts'

/** Links that let somebody sign up. The link is shown once; its hash is all that is kept. */

const TOKEN_BYTES = 32

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')

/** Makes a link. @throws Refused 409 while no link can let anybody in */
export async function makeInvite(adminId: string, { note, mostUses, days }: InviteForm): Promise<NewInvite> {
  if (signUps() === 'closed') {
    throw new Refused(
      409,
      'sign-ups-closed',
      'SIGN_UPS is closed, so no link would let anybody in',
      'Set SIGN_UPS to invite, or leave it out, and start again.',
    )
  }
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const invite = await db().invite.create({
    data: {
      id: ulid(),
      tokenHash: hashOf(token),
      note: note || null,
      byUserId: adminId,
      mostUses,
      endsAt: new Date(now().getTime() + days * DAY),
    },
  })
  await audit(adminId, 'made an invite', invite.id, { mostUses, days })
  const names = await namesOf([invite])
  return { invite: inviteAnswer(invite, names), link: `${appUrl()}/sign-in?invite=${token}` }
}

/** Ends a link; who came by it stays. @throws Refused 404 */
export async function revokeInvite(adminId: string, id: string): Promise<Invite> {
  const { count } = await db().invite.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: now() } })
  const invite = await db().invite.findUnique({ where: { id } })
  if (!invite) throw new Refused(404, 'not-found', 'There is no such invite', 'Reload the page.')
  if (count > 0) await audit(adminId, 'revoked an invite', id)
  return inviteAnswer(invite, await namesOf([invite]))
}

/** All links, newest first. @param limit at most 100 */
export async function listInvites({ cursor, limit }: { cursor?: string; limit: number }): Promise<InvitesResponse> {
  const invites = await db().invite.findMany({
    where: cursor ? { id: { lt: cursor } } : {},
    orderBy: { id: 'desc' },
    take: limit + 1,
  })
  const shown = invites.slice(0, limit)
  const names = await namesOf(shown)
  return {
    signUps: signUps(),
    invites: shown.map((invite) => inviteAnswer(invite, names)),
    next: invites.length > limit ? (shown.at(-1)?.id ?? null) : null,
  }
}

async function namesOf(invites: InviteRow[]): Promise<Map<string, string | null>> {
  const people = await db().user.findMany({
    where: { id: { in: invites.map(({ byUserId }) => byUserId) } },
    select: { id: true, name: true },
  })
  return new Map(people.map(({ id, name }) => [id, name]))
}

function inviteAnswer(invite: InviteRow, names: Map<string, string | null>): Invite {
  const { id, note, byUserId, mostUses, uses, createdAt, endsAt } = invite
  return {
    id,
    note,
    by: names.get(byUserId) ?? null,
    uses,
    mostUses,
    createdAt: createdAt.toISOString(),
    endsAt: endsAt.toISOString(),
    state: stateOf(invite),
  }
}

function stateOf({ revokedAt, endsAt, uses, mostUses }: InviteRow): Invite['state'] {
  if (revokedAt) return 'revoked'
  if (uses >= mostUses) return 'used up'
  return endsAt <= now() ? 'expired' : 'open'
}

/** What a link needs to let somebody in. */
const OPEN = () => ({ revokedAt: null, endsAt: { gt: now() }, uses: { lt: db().invite.fields.mostUses } })

/** The invite of a link that still lets somebody in, or null: why not is nobody's business. */
export async function openInvite(token: string): Promise<InviteRow | null> {
  const invite = await db().invite.findFirst({ where: { tokenHash: hashOf(token), ...OPEN() } })
  return invite && (await mayInvite(invite.byUserId)) ? invite : null
}

/** The invite of a link that may be used now: while sign-ups are closed no link opens anything, however it came about. */
export async function usableInvite(token: string): Promise<InviteRow | null> {
  return signUps() === 'closed' ? null : openInvite(token)
}

/** An admin who is none any more leaves no doors open. */
async function mayInvite(userId: string): Promise<boolean> {
  return (await db().user.count({ where: { id: userId, isAdmin: true, suspendedAt: null, erasingAt: null } })) > 0
}

/** The invite that a sign-up counts as a use of; null where none is needed and none is there. */
export async function inviteOf(token: string | null): Promise<string | null> {
  return token ? ((await openInvite(token))?.id ?? null) : null
}

/** Counts a use, with the listener who comes by it or not at all. @returns false when somebody else was faster */
export async function countUse(tx: Prisma.TransactionClient, id: string): Promise<boolean> {
  const { count } = await tx.invite.updateMany({ where: { id, ...OPEN() }, data: { uses: { increment: 1 } } })
  return count === 1
}
