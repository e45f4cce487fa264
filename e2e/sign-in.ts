import type { APIRequestContext } from '@playwright/test'
import { z } from 'zod'
import { SIMULATOR } from './instance.ts'

/** The first listener of the instance, and so its admin. */
export const ADMIN = 'juniper-lake'

/** The listener whose first sync ended before the other tests started. */
export const RESIDENT = 'load-1'

/**
 * Signs a listener in through the real forms, without browser clicks. The context of `request` keeps the session.
 *
 * @param listener a listener of the simulator: a demo listener, or `load-<n>`
 * @returns the address where sign-in ended, for example /overview or /sign-in?problem=…
 */
export async function signIn(request: APIRequestContext, listener: string): Promise<string> {
  const { csrfToken } = z.object({ csrfToken: z.string() }).parse(await (await request.get('/api/auth/csrf')).json())
  const consent = await request.post('/api/auth/signin/spotify', { form: { csrfToken, callbackUrl: '/overview' } })
  const [, consentRequest] = /name="request" value="([^"]+)"/.exec(await consent.text()) ?? []
  if (!consentRequest) throw new Error(`There is no consent page at ${consent.url()}`)
  const decision = { request: consentRequest, listener, decision: 'agree' }
  const end = new URL((await request.post(`${SIMULATOR}/authorize`, { form: decision })).url())
  return `${end.pathname}${end.search}`
}
