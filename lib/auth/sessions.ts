import { createHash } from 'node:crypto'
import type { SignInProblem } from '#lib/api/lists.ts'
import type { SessionsResponse } from '#lib/api/sessions.ts'
import { recordAudit } from '#lib/audit.ts'
import { MINUTE, now } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, type Session, type User } from '#lib/db.ts'
import { accountKey, type Profile } from '#lib/spotify/profile.ts'
import { deviceName } from './device.ts'

/** Signed-in browsers. A browser keeps a random token in a cookie; only its hash is stored. */

/** More than anybody uses. The next sign-in then signs out the browser that has been inactive longest. */
const MAX_SESSIONS = 50
const MAX_USER_AGENT_LENGTH = 300
/** `lastSeenAt` is updated at most this often, so that not every request costs a write. */
const LAST_SEEN_RESOLUTION_MS = 5 * MINUTE
/** How long secrets may be created or changed after a sign-in or a confirmation. */
const RECENT_MS = 15 * MINUTE

export type OpenSession = Session & { user: User }

/** A plain hash is enough for a random UUID. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/**
 * The forms in which a token may be stored. Web processes of an earlier version store plain tokens, and both versions
 * may run side by side. A value that looks like a hash is never accepted as a token; otherwise a stolen hash would work
 * as one.
 */
function storedForms(token: string): string[] {
  return /^[0-9a-f]{64}$/.test(token) ? [hashOfToken(token)] : [hashOfToken(token), token]
}

/** Hashes plain tokens stored by processes of an earlier version. Called at each start. */
export async function hashStoredTokens(): Promise<void> {
  await db().$executeRaw`
    update "Session" set "sessionToken" = encode(sha256(convert_to("sessionToken", 'UTF8')), 'hex')
    where "sessionToken" !~ '^[0-9a-f]{64}$'`
}

/**
 * Finds the session of a cookie's token and records its use. @returns null if it has ended or the listener may not sign
 * in
 */
export async function openSession(token: string): Promise<OpenSession | null> {
  const session = await db().session.findFirst({
    where: { sessionToken: { in: storedForms(token) } },
    include: { user: true },
  })
  if (!session || session.expires < now() || session.user.erasingAt || session.user.suspendedAt) return null
  const seenAt = session.lastSeenAt?.getTime() ?? 0
  if (now().getTime() - seenAt >= LAST_SEEN_RESOLUTION_MS)
    await db().session.updateMany({ where: { id: session.id }, data: { lastSeenAt: now() } })
  return session
}

/** Whether the session was created by an earlier version. */
export function isOfEarlierVersion({ userAgent }: Session): boolean {
  return userAgent === null
}

/** Stores the session of a browser that signed in, replacing its previous one. */
export async function createSession(
  { token, userId, expires }: { token: string; userId: string; expires: Date },
  browser: { userAgent: string; formerToken: string | null },
): Promise<void> {
  await db().session.create({
    data: {
      sessionToken: hashOfToken(token),
      userId,
      expires,
      createdAt: now(),
      lastSeenAt: now(),
      userAgent: browser.userAgent.slice(0, MAX_USER_AGENT_LENGTH),
    },
  })
  if (browser.formerToken) await endSession(browser.formerToken)
  const surplus = await db().session.findMany({
    where: { userId, expires: { gt: now() } },
    orderBy: [{ lastSeenAt: { sort: 'desc', nulls: 'last' } }, { createdAt: 'desc' }],
    skip: MAX_SESSIONS,
    take: MAX_SESSIONS,
  })
  await db().session.deleteMany({
    where: { OR: [{ id: { in: surplus.map(({ id }) => id) } }, { expires: { lt: now() } }] },
  })
}

/** Signs out the browser with this token. */
export async function endSession(token: string): Promise<void> {
  await db().session.deleteMany({ where: { sessionToken: { in: storedForms(token) } } })
}

/** When this session must confirm again before it can change secrets; null if it must do so now. */
function recentUntil({ createdAt, confirmedAt }: Session): Date | null {
  const until = new Date(Math.max(createdAt.getTime(), confirmedAt?.getTime() ?? 0) + RECENT_MS)
  return until > now() ? until : null
}

/** @throws Refused 403 if the sign-in of this session was not confirmed recently */
export function requireRecent(session: Session): void {
  if (recentUntil(session)) return
  throw new Refused(
    403,
    'confirm-sign-in',
    'You need to have signed in within the last 15 minutes',
    'Confirm with Spotify that it’s you, then try again.',
  )
}

/** The signed-in browsers of a listener: this one first, then by last use. */
export async function listSessions(current: Session): Promise<SessionsResponse> {
  const sessions = await db().session.findMany({
    where: { userId: current.userId, expires: { gt: now() } },
    orderBy: [{ lastSeenAt: { sort: 'desc', nulls: 'last' } }, { createdAt: 'desc' }],
    take: MAX_SESSIONS,
  })
  return {
    sessions: sessions
      .map(({ id, userAgent, createdAt, lastSeenAt, expires }) => ({
        id,
        device: deviceName(userAgent),
        signedInAt: createdAt.toISOString(),
        lastSeenAt: (lastSeenAt ?? createdAt).toISOString(),
        endsAt: expires.toISOString(),
        isCurrent: id === current.id,
      }))
      .sort((one, other) => Number(other.isCurrent) - Number(one.isCurrent)),
    recentUntil: recentUntil(current)?.toISOString() ?? null,
  }
}

/** Signs out one browser of the listener. @throws Refused 404 if it isn't theirs, or has been signed out */
export async function endOneSession(current: Session, id: string): Promise<SessionsResponse> {
  const { userId } = current
  const { count } = await db().session.deleteMany({ where: { id, userId } })
  if (count === 0) {
    throw new Refused(404, 'unknown-session', 'This browser is not signed in', 'Reload the page.')
  }
  await recordAudit(userId, 'signed out a browser', id)
  return listSessions(current)
}

/** Signs out all browsers of the listener, including this one. API tokens keep working. */
export async function endAllSessions(userId: string): Promise<{ ended: number }> {
  const { count } = await db().session.deleteMany({ where: { userId } })
  await recordAudit(userId, 'signed out everywhere', userId, { sessions: count })
  return { ended: count }
}

/**
 * Records that a session's listener has just confirmed their identity with Spotify.
 * @param profile who agreed on Spotify's page
 * @returns why the confirmation doesn't count, or null
 */
export async function confirmSession(id: string, profile: Profile): Promise<SignInProblem | null> {
  const session = await db().session.findUnique({
    where: { id },
    include: { user: { include: { accounts: { where: { provider: 'spotify' } } } } },
  })
  if (!session || session.expires < now()) return 'expired-state'
  const { user } = session
  if (!user.accounts.some(({ providerAccountId }) => providerAccountId === accountKey(profile))) return 'other-account'
  if (user.erasingAt) return 'being-deleted'
  await db().session.updateMany({ where: { id }, data: { confirmedAt: now() } })
  await recordAudit(user.id, 'confirmed a sign-in', user.id)
  return null
}
