import { cookies } from 'next/headers'
import NextAuth from 'next-auth'
import { callerOf, withinLimit } from '#app/api/limit.ts'
import { errorResponse, requireUsual } from '#app/api/serve.ts'
import { requestDemoHistory, requestStreams } from '#inngest/events.ts'
import {
  type Attempt,
  beginAttempt,
  beginConfirmation,
  isDifferentListener,
  openAttempt,
  sealAttempt,
} from '#lib/accounts/sign-in-attempt.ts'
import { maySignUp } from '#lib/accounts/sign-up.ts'
import type { SignInProblem } from '#lib/api/lists.ts'
import type { Browser } from '#lib/auth/adapter.ts'
import { currentSession, renameSessionCookie, sessionToken } from '#lib/auth/auth.ts'
import { appCookie, attemptCookie, formerCookieName } from '#lib/auth/cookies.ts'
import { authOptions, problemAddress, signOutOptions } from '#lib/auth/sign-in.ts'
import { appUrl } from '#lib/core/config.ts'
import { Failure, notFound, Refused } from '#lib/core/errors.ts'
import { usedApp } from '#lib/quota/app-credentials.ts'

type Context = { params: Promise<{ nextauth: string[] }> }

/** The actions of next-auth that the pages use. The others would expose or end sessions, so they stay closed. */
const ACTIONS = ['csrf', 'signin', 'callback', 'signout']

/**
 * These send nothing to Spotify. They are not limited and need no usable Spotify app, so people can always sign out.
 */
const WITHOUT_SPOTIFY = ['csrf', 'signout']

const MAX_FIELD_LENGTH = 2_000

async function handle(request: Request, context: Context): Promise<Response> {
  const [action = ''] = (await context.params).nextauth
  if (!ACTIONS.includes(action)) return errorResponse(notFound())
  if (WITHOUT_SPOTIFY.includes(action)) return signInOrOut(action, request, context)
  try {
    return await withinLimit('sign-ins', callerOf(request, null), () => signInOrOut(action, request, context))
  } catch (error) {
    if (error instanceof Refused) return tooMany(request, error)
    throw error
  }
}

/** Sends programs an error like all others, and browsers on to the page that explains it. */
async function tooMany(request: Request, error: Refused): Promise<Response> {
  if (!request.headers.get('accept')?.includes('text/html')) return errorResponse(error)
  const { status, retryAfterSeconds = 1 } = error
  const isConfirmation =
    request.method === 'POST'
      ? (await formOf(request)).confirm
      : (await openAttempt(await cookieValue('attempt'))).confirms
  const confirms = isConfirmation ? 'a session' : null
  const address = problemAddress({ confirms }, 'too-many-sign-ins')
  const page = `<!doctype html><title>Tracklake</title><meta http-equiv="refresh" content="0;url=${address}">`
  const headers = { 'content-type': 'text/html', 'cache-control': 'no-store', 'retry-after': String(retryAfterSeconds) }
  return new Response(page, { status, headers })
}

async function signInOrOut(action: string, request: Request, context: Context): Promise<Response> {
  const { searchParams } = new URL(request.url)
  const form = await formOf(request)
  try {
    requireUsual(form)
    // next-auth only knows the current cookie name.
    if (action === 'signout') await renameSessionCookie()
    if (WITHOUT_SPOTIFY.includes(action))
      return await NextAuth(signOutOptions(await browserOf(request)))(request, context)
    const isStart = action === 'signin' && request.method === 'POST'
    const attempt = isStart ? await attemptOf(form) : await openAttempt(await cookieValue('attempt'))
    if (typeof attempt === 'string') return toProblem(null, attempt)
    // Spotify sends "access_denied" if the listener pressed Cancel, which next-auth would treat as a failed callback.
    const refused = action === 'callback' && searchParams.get('error')
    if (refused) return toProblem(attempt, refused === 'access_denied' ? 'refused' : 'spotify-unavailable')
    let listener: string | null = null
    const options = await authOptions(attempt, await browserOf(request), async (userId, requests) => {
      listener = userId
      await requestStreams(requests)
      await requestDemoHistory(userId)
    })
    const response: Response = await NextAuth(options)(request, context)
    if (isStart) return afterStart(response, attempt)
    return action === 'callback' ? afterCallback(response, attempt, listener) : response
  } catch (error) {
    if (error instanceof Refused) return errorResponse(error)
    if (error instanceof Failure) return Response.redirect(`${appUrl()}/setup`, 302)
    throw error
  }
}

/** The value of one of our cookies, under its current or its former name. */
async function cookieValue(name: 'attempt' | 'app'): Promise<string | null> {
  const jar = await cookies()
  const { name: current } = name === 'app' ? appCookie() : attemptCookie()
  const former = formerCookieName(name)
  return (jar.get(current) ?? (former ? jar.get(former) : undefined))?.value ?? null
}

async function browserOf(request: Request): Promise<Browser> {
  return { userAgent: request.headers.get('user-agent') ?? '', formerToken: await sessionToken() }
}

/** The fields of a form; next-auth reads its own from the request. */
async function formOf(request: Request): Promise<Record<string, unknown>> {
  if (request.method !== 'POST') return {}
  const form = await request
    .clone()
    .formData()
    .catch(() => new FormData())
  return Object.fromEntries(form)
}

/** Starts the attempt described by the form's extra fields. @returns the attempt, or why none was started */
async function attemptOf(form: Record<string, unknown>): Promise<Attempt | SignInProblem> {
  const field = (name: string) => {
    const value = form[name]
    return typeof value === 'string' && value !== '' ? value.trim().slice(0, MAX_FIELD_LENGTH) : null
  }
  const session = await currentSession()
  if (field('confirm')) return session ? beginConfirmation(session) : 'expired-state'
  const attempt = await beginAttempt({
    app: field('app'),
    invite: field('invite'),
    remembered: await cookieValue('app'),
    listener: session?.userId ?? null,
  })
  return attempt ?? 'unknown-app'
}

function toProblem(attempt: Attempt | null, problem: SignInProblem): Response {
  return Response.redirect(`${appUrl()}${problemAddress(attempt ?? { confirms: null }, problem)}`, 302)
}

/** Sets the attempt cookie only if next-auth redirects to Spotify, so that forms of other sites can't start an attempt. */
async function afterStart(response: Response, attempt: Attempt): Promise<Response> {
  const to = new URL(response.headers.get('location') ?? '/', appUrl())
  if (to.origin === new URL(appUrl()).origin) return nameProblem(response, attempt)
  return withCookie(response, attemptCookie(), sealAttempt(attempt))
}

/** Remembers the app for the next sign-in of this browser, unless it isn't the listener's. */
async function afterCallback(response: Response, attempt: Attempt, listener: string | null): Promise<Response> {
  const redirect = await markOwnApp(await nameProblem(response, attempt), attempt)
  if (attempt.confirms) return redirect
  const { pathname, searchParams } = new URL(redirect.headers.get('location') ?? '/', appUrl())
  if (pathname !== '/sign-in') {
    // Shown before anything else, because the pages that follow are another listener's.
    const isOther = listener !== null && isDifferentListener(attempt, listener)
    const end = isOther ? redirectTo(redirect, `${appUrl()}/sign-in?now=somebody-else`) : redirect
    return withCookie(end, appCookie(), (await usedApp(attempt.app)).clientId)
  }
  return searchParams.get('problem') === 'not-your-app' ? withCookie(redirect, appCookie(), '') : redirect
}

/** Marks problems of a listener's own app, which they can fix themselves. */
async function markOwnApp(response: Response, attempt: Attempt): Promise<Response> {
  const to = new URL(response.headers.get('location') ?? '/', appUrl())
  if (!to.searchParams.has('problem') || !(await usedApp(attempt.app)).isOwn) return response
  to.searchParams.set('app', 'own')
  return redirectTo(response, `${appUrl()}${to.pathname}${to.search}`)
}

/**
 * Maps next-auth's failures to ours; the causes are in the log. A sign-up that was allowed a moment ago can still fail:
 * somebody else may have used up the invite or become the first listener, who needs none.
 */
async function nameProblem(response: Response, attempt: Attempt): Promise<Response> {
  const { pathname, searchParams } = new URL(response.headers.get('location') ?? '/', appUrl())
  const isOwnPage = pathname === '/sign-in' || pathname === '/api/auth/error'
  if (!isOwnPage || !searchParams.has('error')) return response
  const error = searchParams.get('error')
  const signUpProblem = error === 'OAuthCreateAccount' ? await maySignUp(attempt.invite) : null
  // OAuthCallback: the cookies of the attempt are missing, old, or of another attempt.
  const problem = signUpProblem ?? (error === 'OAuthCallback' ? 'expired-state' : 'unknown')
  return redirectTo(response, `${appUrl()}${problemAddress(attempt, problem)}`)
}

function redirectTo(response: Response, location: string): Response {
  const headers = new Headers(response.headers)
  headers.set('location', location)
  return new Response(null, { status: 302, headers })
}

/** @param value an empty value deletes the cookie */
function withCookie(response: Response, { name, options }: ReturnType<typeof appCookie>, value: string): Response {
  const headers = new Headers(response.headers)
  const flags = ['HttpOnly', `Path=${options.path}`, 'SameSite=Lax', ...(options.secure ? ['Secure'] : [])]
  const age = value === '' ? 0 : options.maxAge
  headers.append('set-cookie', `${name}=${value}; Max-Age=${age}; ${flags.join('; ')}`)
  return new Response(response.body, { status: response.status, headers })
}

export { handle as GET, handle as POST }
