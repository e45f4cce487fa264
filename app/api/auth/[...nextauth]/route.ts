import { cookies } from 'next/headers'
import NextAuth from 'next-auth'
import { requestStreams } from '#inngest/events.ts'
import {
  type Attempt,
  beginAttempt,
  isDifferentListener,
  openAttempt,
  sealAttempt,
} from '#lib/accounts/sign-in-attempt.ts'
import type { SignInProblem } from '#lib/accounts/sign-up.ts'
import { currentListener } from '#lib/auth/auth.ts'
import { appCookie, attemptCookie } from '#lib/auth/cookies.ts'
import { authOptions } from '#lib/auth/sign-in.ts'
import { appUrl } from '#lib/core/config.ts'
import { Failure } from '#lib/core/errors.ts'
import { usedApp } from '#lib/quota/app-credentials.ts'

type Context = { params: Promise<{ nextauth: string[] }> }

/** What the pages use of next-auth. Its others would tell about sessions, and end them, because they never see one. */
const DEEDS = ['csrf', 'signin', 'callback', 'signout']

const LONGEST_FIELD = 2_000

async function handle(request: Request, context: Context): Promise<Response> {
  const { searchParams } = new URL(request.url)
  const [deed = ''] = (await context.params).nextauth
  if (!DEEDS.includes(deed)) return new Response(null, { status: 404 })
  // Spotify says "access_denied" when the listener pressed Cancel; next-auth would call it a failed callback.
  const refused = searchParams.get('error')
  if (deed === 'callback' && refused) {
    return toProblem(refused === 'access_denied' ? 'refused' : 'spotify-unavailable')
  }
  try {
    const begins = deed === 'signin' && request.method === 'POST'
    const attempt = begins ? await wished(request) : await openAttempt(await carried(attemptCookie().name))
    if (!attempt) return toProblem('unknown-app')
    let listener: string | null = null
    const options = await authOptions(attempt, async (userId, requests) => {
      listener = userId
      await requestStreams(requests)
    })
    const response: Response = await NextAuth(options)(request, context)
    if (begins) return begun(response, attempt)
    return deed === 'callback' ? ended(response, attempt, listener) : response
  } catch (thrown) {
    if (thrown instanceof Failure) return Response.redirect(`${appUrl()}/setup`, 302)
    throw thrown
  }
}

async function carried(name: string): Promise<string | null> {
  return (await cookies()).get(name)?.value ?? null
}

/** What the sign-in form asks for, beside next-auth's own fields. */
async function wished(request: Request): Promise<Attempt | null> {
  const form = await request
    .clone()
    .formData()
    .catch(() => new FormData())
  const field = (name: string) => {
    const value = form.get(name)
    return typeof value === 'string' && value !== '' ? value.trim().slice(0, LONGEST_FIELD) : null
  }
  return beginAttempt({
    app: field('app'),
    invite: field('invite'),
    remembered: await carried(appCookie().name),
    listener: (await currentListener())?.id ?? null,
  })
}

function toProblem(problem: SignInProblem): Response {
  return Response.redirect(`${appUrl()}/sign-in?problem=${problem}`, 302)
}

/** The browser carries the attempt only where next-auth let it leave for Spotify: nobody else's form begins one. */
function begun(response: Response, attempt: Attempt): Response {
  const to = new URL(response.headers.get('location') ?? '/', appUrl())
  if (to.origin === new URL(appUrl()).origin) return namingProblems(response, attempt)
  return withCookie(response, attemptCookie(), sealAttempt(attempt))
}

/** The next sign-in of this browser leads through the same app, unless it turned out not to be theirs. */
async function ended(response: Response, attempt: Attempt, listener: string | null): Promise<Response> {
  const answer = await ofOwnApp(namingProblems(response, attempt), attempt)
  const { pathname, searchParams } = new URL(answer.headers.get('location') ?? '/', appUrl())
  if (pathname !== '/sign-in') {
    // Told before anything else is shown: what follows is another listener's.
    const isOther = listener !== null && isDifferentListener(attempt, listener)
    const end = isOther ? redirected(answer, `${appUrl()}/sign-in?now=somebody-else`) : answer
    return withCookie(end, appCookie(), (await usedApp(attempt.app)).clientId)
  }
  return searchParams.get('problem') === 'not-your-app' ? withCookie(answer, appCookie(), '') : answer
}

/** Of a listener's own app the remedies are in their own hands. */
async function ofOwnApp(response: Response, attempt: Attempt): Promise<Response> {
  const to = new URL(response.headers.get('location') ?? '/', appUrl())
  if (to.pathname !== '/sign-in' || !(await usedApp(attempt.app)).isOwn) return response
  to.searchParams.set('app', 'own')
  return redirected(response, `${appUrl()}${to.pathname}${to.search}`)
}

/** next-auth's own failures are of two kinds here: the cookie or state of an older attempt, and an invite that is over. */
function namingProblems(response: Response, { invite }: Attempt): Response {
  const { pathname, searchParams } = new URL(response.headers.get('location') ?? '/', appUrl())
  const isOwnPage = pathname === '/sign-in' || pathname === '/api/auth/error'
  if (!isOwnPage || !searchParams.has('error')) return response
  const wasOver = searchParams.get('error') === 'OAuthCreateAccount' && invite !== null
  return redirected(response, `${appUrl()}/sign-in?problem=${wasOver ? 'invite-over' : 'expired-state'}`)
}

function redirected(response: Response, location: string): Response {
  const headers = new Headers(response.headers)
  headers.set('location', location)
  return new Response(null, { status: 302, headers })
}

/** @param value empty takes the cookie away */
function withCookie(response: Response, { name, options }: ReturnType<typeof appCookie>, value: string): Response {
  const headers = new Headers(response.headers)
  const flags = ['HttpOnly', `Path=${options.path}`, 'SameSite=Lax', ...(options.secure ? ['Secure'] : [])]
  const age = value === '' ? 0 : options.maxAge
  headers.append('set-cookie', `${name}=${value}; Max-Age=${age}; ${flags.join('; ')}`)
  return new Response(response.body, { status: response.status, headers })
}

export { handle as GET, handle as POST }
