import { db } from '#lib/db.ts'
import { instanceApp } from '#lib/quota/app-credentials.ts'
import { accountKey, type Profile } from '#lib/spotify/profile.ts'
import { hasListeners, isNamed } from './admins.ts'
import { createListener } from './connect.ts'
import { inviteOf, openInvite } from './invites.ts'
import type { Attempt } from './sign-in-attempt.ts'
import { signUps } from './sign-up-policy.ts'

/** What can go wrong while signing in; each has its page under /sign-in?problem=…. */
export type SignInProblem =
  | 'refused'
  | 'not-registered'
  | 'premium-lapsed'
  | 'wrong-secret'
  | 'expired-state'
  | 'sign-ups-closed'
  | 'invite-needed'
  | 'invite-over'
  | 'not-your-app'
  | 'unknown-app'
  | 'suspended'
  | 'being-deleted'
  | 'spotify-unavailable'
  | 'unknown'

/** Decides whether somebody whom Spotify has named may come in. @returns why not, or null */
export async function admit(profile: Profile, attempt: Attempt): Promise<SignInProblem | null> {
  const account = await db().account.findFirst({
    where: { provider: 'spotify', providerAccountId: accountKey(profile) },
    include: { user: { select: { erasingAt: true, suspendedAt: true } } },
  })
  if (account?.user.erasingAt) return 'being-deleted'
  if (account?.user.suspendedAt) return 'suspended'
  if (!(await mayUseApp(attempt, account))) return 'not-your-app'
  return account ? null : maySignUp(attempt.invite, profile)
}

/** A listener's own app serves who proved to know its secret, and who uses it already. */
async function mayUseApp(
  { app, trust, listener }: Attempt,
  account: { userId: string; spotifyAppId: string | null } | null,
): Promise<boolean> {
  if (trust === 'secret' || account?.spotifyAppId === app) return true
  if (trust === 'session' && account?.userId === listener) return true
  return app === (await instanceApp()).id
}

/** Whom ADMINS names comes in whatever SIGN_UPS says: both are the operator's word. */
const needsInvite = (profile: Profile | null) => signUps() !== 'open' && !(profile && isNamed(profile))

/**
 * Whether somebody new may sign up.
 * @param inviteToken of the link that they came by
 * @returns why not, or null
 */
export async function maySignUp(
  inviteToken: string | null = null,
  profile: Profile | null = null,
): Promise<SignInProblem | null> {
  if (!needsInvite(profile)) return null
  // Nobody could have made a link yet. Not so when the last admin is gone: then ADMINS brings one.
  if (!(await hasListeners())) return null
  if (signUps() === 'closed') return 'sign-ups-closed'
  if (!inviteToken) return 'invite-needed'
  return (await openInvite(inviteToken)) ? null : 'invite-over'
}

/**
 * Makes a listener of somebody whom `admit` let in. Meanwhile their link may have been used up, revoked or over, so what
 * let them in is asked once more.
 * @throws InviteOver
 */
export async function signUp(
  profile: Profile,
  { name, image }: { name: string | null; image: string | null },
  inviteToken: string | null,
) {
  const account = { type: 'oauth', provider: 'spotify', providerAccountId: accountKey(profile) }
  return createListener(
    { name, image, accounts: { create: account } },
    { invite: await inviteOf(inviteToken), needsInvite: needsInvite(profile) },
  )
}
