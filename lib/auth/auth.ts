import { PrismaAdapter } from '@next-auth/prisma-adapter'
import { cookies, headers } from 'next/headers'
import { notFound, redirect } from 'next/navigation'
import type { NextAuthOptions } from 'next-auth'
import type { Adapter, AdapterUser } from 'next-auth/adapters'
import { cache } from 'react'
import { tokenHolder, tokenIn } from '#lib/accounts/api-tokens.ts'
import { connectListener, consentWay } from '#lib/accounts/connect.ts'
import { signedOut } from '#lib/accounts/require-user.ts'
import { ATTEMPT_MS, type Attempt } from '#lib/accounts/sign-in-attempt.ts'
import { admit, type SignInProblem, signUp } from '#lib/accounts/sign-up.ts'
import type { TokenScope } from '#lib/api/answers.ts'
import { DAY } from '#lib/core/clock.ts'
import { appUrl, settings, spotifyUrls } from '#lib/core/config.ts'
import { Failure, Reconnect, Refused, Transient } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type User } from '#lib/db.ts'
import { appCredentials } from '#lib/quota/app-credentials.ts'
import { type StreamRequest, takeStartable } from '#lib/runs/runs.ts'
import { exchangeCode, type Tokens } from '#lib/spotify/accounts.ts'
import { kindOf } from '#lib/spotify/failures.ts'
import { accountKey, type Profile, readProfile } from '#lib/spotify/profile.ts'

/** Everything about sessions and sign-in; the only module that knows next-auth. */

const SESSION_SECONDS = (30 * DAY) / 1000
/** As long as a consent lasts. */
const APP_COOKIE_SECONDS = (180 * DAY) / 1000

/** No e-mail: Spotify sends none to apps of 2026, and asking for it only scares people. */
const SCOPES = [
  'user-read-private',
  'user-top-read',
  'user-read-recently-played',
  'user-library-read',
  'user-follow-read',
  'playlist-read-private',
  'playlist-read-collaborative',
]

/** The person who is signed in. */
export interface Listener {
  id: string
  name: string
  image: string | null
  isAdmin: boolean
  zone: string | null
  weekStart: number
}

/** Who is signed in, or null. Looked up once a request. */
export const currentListener = cache(async (): Promise<Listener | null> => {
  const token = (await cookies()).get(cookieName('session-token'))?.value
  if (!token) return null
  const session = await db().session.findUnique({ where: { sessionToken: token }, include: { user: true } })
  if (!session || session.expires < new Date() || session.user.erasingAt || session.user.suspendedAt) return null
  return asListener(session.user)
})

function asListener({ id, name, image, isAdmin, zone, weekStart }: User): Listener {
  return { id, name: name ?? 'Listener', image, isAdmin, zone, weekStart }
}

/** For pages: the signed-in listener; others are sent to the start page. */
export async function requireListener(): Promise<Listener> {
  return (await currentListener()) ?? redirect('/')
}

/** For pages: an admin; for others the page does not exist. */
export async function requireAdmin(): Promise<Listener> {
  const listener = await currentListener()
  return listener?.isAdmin ? listener : notFound()
}

/**
 * For addresses that answer JSON.
 * @param scope what a token needs here; without it tokens are refused
 * @throws Refused 401, and 403 for a token that may not do this
 */
export async function authenticated(scope?: TokenScope): Promise<Listener> {
  const token = tokenIn((await headers()).get('authorization'))
  // A token never carries the rights of an admin: whoever finds one sees one listener's own.
  if (token) return { ...asListener(await tokenHolder(token, scope)), isAdmin: false }
  const listener = await currentListener()
  if (listener) return listener
  throw signedOut()
}

/** For addresses that answer JSON to admins; others learn nothing of them. @throws Refused 401, 404 */
export async function authenticatedAdmin(): Promise<Listener> {
  const listener = await authenticated()
  if (listener.isAdmin) return listener
  throw new Refused(404, 'not-found', 'There is nothing here', 'Check the address.')
}

/** Demo and real sign-ins do not meet: each mode has cookie names of its own. */
function cookieName(name: string): string {
  const secure = appUrl().startsWith('https://') ? '__Secure-' : ''
  return `${secure}tracklake-${settings().TRACKLAKE_MODE}.${name}`
}

function cookie(name: string, maxAge?: number) {
  const secure = appUrl().startsWith('https://')
  return {
    name: cookieName(name),
    options: { httpOnly: true, sameSite: 'lax' as const, path: '/', secure, ...(maxAge ? { maxAge } : {}) },
  }
}

/** Where a browser keeps which app its attempt goes through, and which one it used last. */
export const attemptCookie = () => cookie('attempt', ATTEMPT_MS / 1000)
export const appCookie = () => cookie('app', APP_COOKIE_SECONDS)

/**
 * How next-auth signs in, for one attempt.
 * @param arrived gets who signed in, and the streams of a run that it started to send; called after everything is written
 */
export async function authOptions(
  attempt: Attempt,
  arrived: (userId: string, requests: StreamRequest[]) => Promise<void>,
): Promise<NextAuthOptions> {
  const { clientId, clientSecret } = await appCredentials(attempt.app)
  const { accounts, api } = spotifyUrls()
  let tokens: Tokens | undefined
  let profile: Profile | undefined
  let problem: SignInProblem | undefined
  const keepProblem = (thrown: unknown) => {
    problem = problemOf(thrown)
    log.warn('sign-in did not work', { problem, said: thrown instanceof Error ? thrown.message : '' })
  }

  return {
    adapter: adapter(() => profile, attempt),
    secret: settings().NEXTAUTH_SECRET,
    session: { strategy: 'database', maxAge: SESSION_SECONDS, updateAge: SESSION_SECONDS },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    cookies: {
      sessionToken: cookie('session-token'),
      callbackUrl: cookie('callback-url'),
      csrfToken: cookie('csrf-token'),
      state: cookie('state', 900),
      pkceCodeVerifier: cookie('pkce', 900),
      nonce: cookie('nonce', 900),
    },
    providers: [
      {
        id: 'spotify',
        name: 'Spotify',
        type: 'oauth',
        clientId,
        clientSecret,
        checks: ['pkce', 'state'],
        authorization: { url: `${accounts}/authorize`, params: { scope: SCOPES.join(' '), show_dialog: 'true' } },
        // Both requests are ours: next-auth turns every failure of its own into one word without a cause.
        token: {
          url: `${accounts}/api/token`,
          async request({ params, checks, provider }) {
            if (!params.state || params.state !== checks.state)
              throw new Error('the state of the sign-in does not match')
            try {
              tokens = await exchangeCode(
                accounts,
                { clientId, clientSecret },
                {
                  code: params.code ?? '',
                  redirectUri: provider.callbackUrl,
                  verifier: checks.code_verifier ?? '',
                },
              )
              return { tokens: { access_token: tokens.access_token } }
            } catch (thrown) {
              keepProblem(thrown)
              return { tokens: {} }
            }
          },
        },
        userinfo: {
          url: `${api}/me`,
          async request() {
            try {
              if (tokens) profile = await readProfile(api, tokens.access_token)
            } catch (thrown) {
              keepProblem(thrown)
            }
            return { sub: profile ? accountKey(profile) : 'nobody' }
          },
        },
        profile: ({ sub }) => ({
          id: sub,
          name: profile?.name ?? profile?.userId ?? null,
          email: null,
          image: profile?.image ?? null,
        }),
      },
    ],
    callbacks: {
      async signIn() {
        const found = problem ?? (profile ? await admit(profile, attempt) : 'unknown')
        return found === null || `/sign-in?problem=${found}`
      },
      // Only addresses of our own, whatever a link asks for.
      redirect: ({ url }) =>
        url.startsWith('/') ? `${appUrl()}${url}` : url.startsWith(`${appUrl()}/`) ? url : appUrl(),
    },
    events: {
      async signIn({ user }) {
        if (!profile || !tokens) return
        const run = await connectListener(user.id, profile, tokens, consentWay(attempt, user.id))
        await arrived(user.id, run ? await takeStartable(run.id) : [])
      },
    },
    logger: {
      error: (code, details) =>
        log.warn('next-auth reports an error', {
          code,
          details: String(details instanceof Error ? details.message : code),
        }),
      warn: () => undefined,
      debug: () => undefined,
    },
  }
}

/**
 * next-auth keeps no token, and never sees the session that happens to be open: it would link a second Spotify account
 * to that listener. One Spotify account is one listener.
 * @param profile what Spotify said of who signs in
 */
function adapter(profile: () => Profile | undefined, { invite }: Attempt): Adapter {
  // The adapter's types know the client of older Prisma versions only; it uses the tables of next-auth alone.
  const base = PrismaAdapter(db() as never) as Required<Adapter>
  return {
    ...base,
    createUser: async ({ name, image }: Omit<AdapterUser, 'id'>) => {
      const known = profile()
      if (!known) throw new Error('nobody is known who could sign up')
      return asAdapterUser(await signUp(known, { name: name ?? null, image: image ?? null }, invite))
    },
    getSessionAndUser: async () => null,
    // Written with the listener, so that a crash in between leaves neither.
    linkAccount: async () => undefined,
  }
}

function asAdapterUser(user: { id: string; name: string | null; image: string | null }): AdapterUser {
  return { id: user.id, name: user.name, image: user.image, email: '', emailVerified: null }
}

function problemOf(thrown: unknown): SignInProblem {
  const kind = kindOf(thrown)
  if (kind === 'not-registered' || kind === 'premium-lapsed') return kind
  if (thrown instanceof Failure && thrown.context.kind === 'wrong-secret') return 'wrong-secret'
  if (thrown instanceof Reconnect) return 'expired-state'
  if (thrown instanceof Transient || kind === 'rate' || kind === 'quota') return 'spotify-unavailable'
  return 'unknown'
}
