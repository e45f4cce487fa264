import type { NextAuthOptions } from 'next-auth'
import type { Adapter } from 'next-auth/adapters'
import { connectListener, consentApp } from '#lib/accounts/connect.ts'
import { recognize } from '#lib/accounts/known-account.ts'
import type { Attempt } from '#lib/accounts/sign-in-attempt.ts'
import { admit } from '#lib/accounts/sign-up.ts'
import type { SignInProblem } from '#lib/api/lists.ts'
import { now } from '#lib/core/clock.ts'
import { appUrl, settings, spotifyUrls } from '#lib/core/config.ts'
import { Failure, messageOf, Reconnect, Transient } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { appCredentials } from '#lib/quota/app-credentials.ts'
import { type StreamRequest, takeStartable } from '#lib/runs/runs.ts'
import { recoverStreamRuns } from '#lib/schedule/plan.ts'
import { type AppCredentials, exchangeCode, type Tokens } from '#lib/spotify/accounts.ts'
import { kindOf } from '#lib/spotify/failures.ts'
import { accountKey, type Profile, readProfile } from '#lib/spotify/profile.ts'
import { requestedScopes } from '#lib/streams/index.ts'
import { adapter, type Browser } from './adapter.ts'
import { cookie, SESSION_SECONDS } from './cookies.ts'
import { confirmSession } from './sessions.ts'

/**
 * How next-auth signs in, for one attempt.
 * @param onSignedIn gets the listener and the streams of a run that was started; called after everything is stored
 * @throws Failure when the attempt's Spotify app has no usable credentials
 */
export async function authOptions(
  attempt: Attempt,
  browser: Browser,
  onSignedIn: (userId: string, requests: StreamRequest[]) => Promise<void>,
): Promise<NextAuthOptions> {
  const visitor = new Visitor(await appCredentials(attempt.app))
  const base = sessionOptions(adapter(() => visitor.profile, attempt, browser))
  return {
    ...base,
    providers: [visitor.provider()],
    callbacks: {
      ...base.callbacks,
      async signIn() {
        const { profile, problem: failed } = visitor
        const check = (profile: Profile) =>
          attempt.confirms ? confirmSession(attempt.confirms, profile) : admit(profile, attempt)
        const problem = failed ?? (profile ? await check(profile) : 'unknown')
        if (problem) return problemAddress(attempt, problem)
        // Returning an address ends the callback here: a confirmation stores no consent and starts no session or run.
        return attempt.confirms ? CONFIRMED : true
      },
    },
    events: {
      async signIn({ user }) {
        const { profile, tokens } = visitor
        if (!profile || !tokens) return
        const run = await connectListener(user.id, profile, tokens, consentApp(attempt, user.id))
        const started = run ? await takeStartable(run.id) : []
        await onSignedIn(user.id, [...started, ...(await recoverStreamRuns(now(), { userId: user.id }))])
      },
    },
  }
}

/** Options for signing out. They need no Spotify app, so it works even if none is usable. */
export function signOutOptions(browser: Browser): NextAuthOptions {
  return sessionOptions(adapter(() => undefined, { invite: null }, browser))
}

function sessionOptions(sessions: Adapter): NextAuthOptions {
  return {
    adapter: sessions,
    secret: settings().NEXTAUTH_SECRET,
    session: { strategy: 'database', maxAge: SESSION_SECONDS, updateAge: SESSION_SECONDS },
    pages: { signIn: '/sign-in', signOut: '/sign-out', error: '/sign-in' },
    cookies: {
      sessionToken: cookie('session-token'),
      callbackUrl: cookie('callback-url'),
      csrfToken: cookie('csrf-token'),
      state: cookie('state', 900),
      pkceCodeVerifier: cookie('pkce', 900),
      nonce: cookie('nonce', 900),
    },
    providers: [],
    callbacks: {
      // Redirects lead only to our own pages, whatever a link requests.
      redirect: ({ url }) =>
        url.startsWith('/') ? `${appUrl()}${url}` : url.startsWith(`${appUrl()}/`) ? url : appUrl(),
    },
    logger: {
      error: (code, details) =>
        log.warn('next-auth reports an error', { code, details: details instanceof Error ? details.message : code }),
      warn: () => undefined,
      debug: () => undefined,
    },
  }
}

/** The page that a confirmation returns to. */
const CONFIRMED = '/confirmed'

/** The page that explains why an attempt failed. */
export function problemAddress({ confirms }: Pick<Attempt, 'confirms'>, problem: SignInProblem): string {
  return `${confirms ? CONFIRMED : '/sign-in'}?problem=${problem}`
}

/** The tokens and profile of someone returning from Spotify, or why there are none. */
class Visitor {
  tokens: Tokens | undefined
  profile: Profile | undefined
  problem: SignInProblem | undefined
  readonly #app: AppCredentials

  constructor(app: AppCredentials) {
    this.#app = app
  }

  /** Fetches token and profile with our own code, because next-auth hides the cause of a failure. */
  provider(): NextAuthOptions['providers'][number] {
    const { accounts, api } = spotifyUrls()
    return {
      id: 'spotify',
      name: 'Spotify',
      type: 'oauth',
      clientId: this.#app.clientId,
      clientSecret: this.#app.clientSecret,
      checks: ['pkce', 'state'],
      authorization: {
        url: `${accounts}/authorize`,
        params: { scope: requestedScopes.join(' '), show_dialog: 'true' },
      },
      token: {
        url: `${accounts}/api/token`,
        request: async ({ params, checks, provider }) => {
          if (!params.state || params.state !== checks.state) throw new Error('the state of the sign-in does not match')
          const { code = '' } = params
          const redirectUri = provider.callbackUrl
          await this.#keepingProblem(async () => {
            this.tokens = await exchangeCode(accounts, this.#app, {
              code,
              redirectUri,
              verifier: checks.code_verifier ?? '',
            })
          })
          return { tokens: this.tokens ? { access_token: this.tokens.access_token } : {} }
        },
      },
      userinfo: {
        url: `${api}/me`,
        request: async () => {
          await this.#keepingProblem(async () => {
            if (this.tokens) this.profile = await recognize(await readProfile(api, this.tokens.access_token))
          })
          return { sub: this.profile ? accountKey(this.profile) : 'nobody' }
        },
      },
      profile: ({ sub }) => ({
        id: sub,
        name: this.profile?.name ?? this.profile?.userId ?? null,
        email: null,
        image: this.profile?.image ?? null,
      }),
    }
  }

  async #keepingProblem(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.problem = problemOf(error)
      log.warn('a sign-in failed', { problem: this.problem, cause: messageOf(error) })
    }
  }
}

function problemOf(error: unknown): SignInProblem {
  const kind = kindOf(error)
  if (kind === 'not-registered' || kind === 'premium-lapsed') return kind
  if (error instanceof Failure && error.context.kind === 'wrong-secret') return 'wrong-secret'
  if (error instanceof Reconnect) return 'expired-state'
  if (error instanceof Transient || kind === 'rate' || kind === 'quota') return 'spotify-unavailable'
  return 'unknown'
}
