import { cookies, headers } from 'next/headers'
import { notFound as notFoundPage, redirect } from 'next/navigation'
import { cache } from 'react'
import { tokenFromHeader, tokenHolder } from '#lib/accounts/api-tokens.ts'
import { signedOut } from '#lib/accounts/require-user.ts'
import type { TokenScope } from '#lib/api/lists.ts'
import { notFound } from '#lib/core/errors.ts'
import { db, type User } from '#lib/db.ts'
import { cookieName } from './cookies.ts'

/** Who is signed in: guards for pages and for the API. */

/** The person who is signed in. */
export type Listener = Pick<User, 'id' | 'image' | 'isAdmin' | 'zone' | 'weekStart'> & { name: string }

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
  const listener = await currentListener()
  if (listener) return listener
  throw signedOut()
}

/** For admin endpoints; others get 404. @throws Refused 401, 404 */
export async function authenticatedAdmin(): Promise<Listener> {
  const listener = await authenticated()
  if (listener.isAdmin) return listener
  throw notFound()
}
