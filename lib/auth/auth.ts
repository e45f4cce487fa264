import { cookies, headers } from 'next/headers'
import { notFound as notFoundPage, redirect } from 'next/navigation'
import { cache } from 'react'
import { tokenFromHeader, tokenHolder } from '#lib/accounts/api-tokens.ts'
import { signedOut } from '#lib/accounts/require-user.ts'
import type { TokenScope } from '#lib/api/lists.ts'
import { notFound } from '#lib/core/errors.ts'
import type { User } from '#lib/db.ts'
import { cookie, cookieName, formerCookieName, SESSION_SECONDS } from './cookies.ts'
import { isOfEarlierVersion, type OpenSession, openSession } from './sessions.ts'

/** Who is signed in: guards for pages and for the API. */

/** The person who is signed in. */
export type Listener = Pick<User, 'id' | 'image' | 'isAdmin' | 'zone' | 'weekStart'> & { name: string }

/** The session of this browser, or null. Looked up once per request. */
export const currentSession = cache(async (): Promise<OpenSession | null> => {
  const jar = await cookies()
  const token = jar.get(cookieName('session-token'))?.value
  if (token) return openSession(token)
  const former = formerToken(jar)
  const session = former ? await openSession(former) : null
  // Another host of the domain can plant a cookie with the former name, so only sessions from before the upgrade may
  // use it.
  return session && isOfEarlierVersion(session) ? session : null
})

type CookieJar = Awaited<ReturnType<typeof cookies>>

function formerToken(jar: CookieJar): string | null {
  const former = formerCookieName('session-token')
  return (former && jar.get(former)?.value) || null
}

/** The token in this browser's cookie, valid or not. */
export async function sessionToken(): Promise<string | null> {
  const jar = await cookies()
  return jar.get(cookieName('session-token'))?.value ?? formerToken(jar)
}

/** Renames the session cookie of an earlier version. Only a route can set cookies. */
export async function renameSessionCookie(): Promise<void> {
  const jar = await cookies()
  const former = formerCookieName('session-token')
  const token = formerToken(jar)
  if (!former || !token || !(await currentSession())) return
  const { name, options } = cookie('session-token', SESSION_SECONDS)
  if (!jar.get(name)?.value) jar.set(name, token, options)
  jar.set(former, '', { ...options, maxAge: 0 })
}

/** Who is signed in, or null. */
export async function currentListener(): Promise<Listener | null> {
  const session = await currentSession()
  return session && asListener(session.user)
}

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
  return listener?.isAdmin ? listener : notFoundPage()
}

/**
 * For endpoints that return JSON.
 * @param scope the scope that a token needs here; without it tokens are refused
 * @throws Refused 401, and 403 for a token without the scope
 */
export async function authenticated(scope?: TokenScope): Promise<Listener> {
  const token = tokenFromHeader((await headers()).get('authorization'))
  // A token never has admin rights, so a leaked one exposes only one listener's data.
  if (token) return { ...asListener(await tokenHolder(token, scope)), isAdmin: false }
  const { user } = await requireSession()
  await renameSessionCookie()
  return asListener(user)
}

/** For endpoints about the session itself. @throws Refused 401 */
export async function requireSession(): Promise<OpenSession> {
  const session = await currentSession()
  if (session) return session
  throw signedOut()
}

/** For admin endpoints; others get 404. @throws Refused 401, 404 */
export async function authenticatedAdmin(): Promise<Listener> {
  const listener = await authenticated()
  if (listener.isAdmin) return listener
  throw notFound()
}
