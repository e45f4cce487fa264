import type { APIRequestContext } from '@playwright/test'
import { z } from 'zod'
import { SIMULATOR } from './instance.ts'

/** The demo listener who is the first of the instance, and so its admin. */
export const ADMIN = 'juniper-lake'

/** The demo listener whose first run was watched to its end before the other tests began. */
export const RESIDENT = 'load-1'

/**
 * Signs a listener in through the real forms, without the browser's clicks; the context of `request` keeps the session.
 *
 * @param listener one of the simulation: a demo listener, or `load-<n>`
 * @returns the address where the sign-in ended, for example /overview or /sign-in?problem=…
 */
export async function signIn(request: APIRequestContext, listener: string): Promise<string> {
  const { csrfToken } = z.object({ csrfToken: z.string() }).parse(await (await request.get('/api/auth/csrf')).json())
  const consent = await request.post('/api/auth/signin/spotify', { form: { csrfToken, callbackUrl: '/overview' } })
  const [, wish] = /name="request" value="([^"]+)"/.exec(await consent.text()) ?? []
  if (!wish) throw new Error(`There is no consent page at ${consent.url()}`)
  const decision = { request: wish, listener, decision: 'agree' }
  const end = new URL((await request.post(`${SIMULATOR}/authorize`, { form: decision })).url())
  return `${end.pathname}${end.search}`
}
