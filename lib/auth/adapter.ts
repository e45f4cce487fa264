import { PrismaAdapter } from '@next-auth/prisma-adapter'
import type { Adapter, AdapterSession, AdapterUser } from 'next-auth/adapters'
import type { Attempt } from '#lib/accounts/sign-in-attempt.ts'
import { signUp } from '#lib/accounts/sign-up.ts'
import { db } from '#lib/db.ts'
import type { Profile } from '#lib/spotify/profile.ts'
import { createSession, endSession } from './sessions.ts'

/** The browser that is signing in or out. */
export interface Browser {
  userAgent: string
  /** The token of the browser's previous session. */
  formerToken: string | null
}

/**
 * What next-auth may store: listeners and sessions. It gets no token and never sees the current session, because it
 * would link a second Spotify account to that listener, and each listener has exactly one.
 * @param profile the Spotify profile of the person who is signing in
 */
export function adapter(
  profile: () => Profile | undefined,
  { invite }: Pick<Attempt, 'invite'>,
  browser: Browser,
): Adapter {
  // The adapter's types know only the client of older Prisma versions; it uses next-auth's tables alone.
  const base = PrismaAdapter(db() as never) as Required<Adapter>
  return {
    ...base,
    createUser: async ({ name, image }: Omit<AdapterUser, 'id'>) => {
      const known = profile()
      if (!known) throw new Error('a sign-up needs a profile')
      const user = await signUp(known, { name: name ?? null, image: image ?? null }, invite)
      return { id: user.id, name: user.name, image: user.image, email: '', emailVerified: null }
    },
    getSessionAndUser: async () => null,
    // next-auth puts the token of the returned session into the cookie; the database gets its hash.
    createSession: async (session: AdapterSession) => {
      const { sessionToken: token, userId, expires } = session
      await createSession({ token, userId, expires }, browser)
      return session
    },
    // Sessions are never extended.
    updateSession: async () => null,
    deleteSession: endSession,
    // The account is stored with the listener in one transaction, so that a crash leaves neither.
    linkAccount: async () => undefined,
  }
}
