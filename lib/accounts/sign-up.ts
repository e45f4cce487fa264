import type { SignInProblem } from '#lib/api/lists.ts'
import { db } from '#lib/db.ts'
import { instanceApp } from '#lib/quota/app-credentials.ts'
import { accountKey, type Profile } from '#lib/spotify/profile.ts'
import { hasListeners, isNamed } from './admins.ts'
import { createListener } from './connect.ts'
import { inviteOf, openInvite } from './invites.ts'
import type { Attempt } from './sign-in-attempt.ts'
import { signUpPolicy } from './sign-up-policy.ts'

/** Decides whether a visitor with this Spotify profile may sign in. @returns why not, or null */
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

/** A listener's own app is open to people who proved to know its secret and to those who already use it. */
async function mayUseApp(
  { app, trust, listener }: Attempt,
  account: { userId: string; spotifyAppId: string | null } | null,
): Promise<boolean> {
  if (trust === 'secret' || account?.spotifyAppId === app) return true
  if (trust === 'session' && account?.userId === listener) return true
  return app === (await instanceApp()).id
}

/** People in ADMINS may sign up whatever SIGN_UPS says; the operator set both. */
const needsInvite = (profile: Profile | null) => signUpPolicy() !== 'open' && !(profile && isNamed(profile))

/**
 * Whether a new person may sign up.
 * @param inviteToken from the invite link
 * @returns why not, or null
 */
export async function maySignUp(
  inviteToken: string | null = null,
  profile: Profile | null = null,
): Promise<SignInProblem | null> {
  if (!needsInvite(profile)) return null
  // The first listener needs no invite, because nobody exists who could create one.
  if (!(await hasListeners())) return null
  if (signUpPolicy() === 'closed') return 'sign-ups-closed'
  if (!inviteToken) return 'invite-needed'
  return (await openInvite(inviteToken)) ? null : 'invite-over'
}

/**
 * Creates the listener that `admit` accepted, unless they have since signed up in another tab. Checks the invite again,
 * since it may have been used up.
 * @throws InviteEnded
 */
export async function signUp(
  profile: Profile,
  { name, image }: { name: string | null; image: string | null },
  inviteToken: string | null,
) {
  const account = { type: 'oauth', provider: 'spotify', providerAccountId: accountKey(profile) }
  const { provider, providerAccountId } = account
  try {
    return await createListener(
      { name, image, accounts: { create: account } },
      { invite: await inviteOf(inviteToken), needsInvite: needsInvite(profile) },
    )
  } catch (error) {
    const existing = await db().account.findUnique({
      where: { provider_providerAccountId: { provider, providerAccountId } },
      include: { user: true },
    })
    if (existing) return existing.user
    throw error
  }
}
