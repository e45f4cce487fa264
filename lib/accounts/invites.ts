import { createHash, randomBytes } from 'node:crypto'
import { ulid } from 'ulid'
import type { Invite, InviteForm, InvitesResponse, NewInvite } from '#lib/api/admin.ts'
import { recordAudit } from '#lib/audit.ts'
import { DAY, now } from '#lib/core/clock.ts'
import { appUrl } from '#lib/core/config.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, type Invite as InviteRow, type Prisma } from '#lib/db.ts'
import { signUpPolicy } from './sign-up-policy.ts'

/** Links that let someone sign up. A link is shown once; only its hash is stored. */

const TOKEN_BYTES = 32

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')

/** Creates an invite. @throws Refused 409 while sign-ups are closed */
export async function createInvite(adminId: string, { note, mostUses, days }: InviteForm): Promise<NewInvite> {
  if (signUpPolicy() === 'closed') {
    throw new Refused(
      409,
      'sign-ups-closed',
      'Sign-ups are closed, so an invite wouldn’t work',
      'Set SIGN_UPS to invite, or remove it, and restart.',
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
  await recordAudit(adminId, 'created an invite', invite.id, { mostUses, days })
  const names = await namesOf([invite])
  return { invite: inviteResponse(invite, names), link: `${appUrl()}/sign-in?invite=${token}` }
}

/** Revokes an invite; people who used it stay. @throws Refused 404 */
export async function revokeInvite(adminId: string, id: string): Promise<Invite> {
  const { count } = await db().invite.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: now() } })
  const invite = await db().invite.findUnique({ where: { id } })
  if (!invite) throw new Refused(404, 'not-found', 'This invite does not exist', 'Reload the page.')
  if (count > 0) await recordAudit(adminId, 'revoked an invite', id)
  return inviteResponse(invite, await namesOf([invite]))
}

/** All invites, newest first. @param limit at most 100 */
export async function listInvites({ cursor, limit }: { cursor?: string; limit: number }): Promise<InvitesResponse> {
  const invites = await db().invite.findMany({
    where: cursor ? { id: { lt: cursor } } : {},
    orderBy: { id: 'desc' },
    take: limit + 1,
  })
  const shown = invites.slice(0, limit)
  const names = await namesOf(shown)
  return {
    signUps: signUpPolicy(),
    invites: shown.map((invite) => inviteResponse(invite, names)),
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

function inviteResponse(invite: InviteRow, names: Map<string, string | null>): Invite {
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

/** An invite that can still be used. */
const OPEN = () => ({ revokedAt: null, endsAt: { gt: now() }, uses: { lt: db().invite.fields.mostUses } })

/** The invite behind a link if it can still be used, or null without a reason. */
export async function openInvite(token: string): Promise<InviteRow | null> {
  const invite = await db().invite.findFirst({ where: { tokenHash: hashOf(token), ...OPEN() } })
  return invite && (await mayInvite(invite.byUserId)) ? invite : null
}

/** As `openInvite`, but no invite works while sign-ups are closed. */
export async function usableInvite(token: string): Promise<InviteRow | null> {
  return signUpPolicy() === 'closed' ? null : openInvite(token)
}

/** Invites stop working when their creator is no longer an active admin. */
async function mayInvite(userId: string): Promise<boolean> {
  return (await db().user.count({ where: { id: userId, isAdmin: true, suspendedAt: null, erasingAt: null } })) > 0
}

/** The id of the invite whose use a sign-up counts; null without a usable one. */
export async function inviteOf(token: string | null): Promise<string | null> {
  return token ? ((await openInvite(token))?.id ?? null) : null
}

/** Counts a use, in the transaction that creates the listener. @returns false when the invite is used up */
export async function countUse(tx: Prisma.TransactionClient, id: string): Promise<boolean> {
  const { count } = await tx.invite.updateMany({ where: { id, ...OPEN() }, data: { uses: { increment: 1 } } })
  return count === 1
}
