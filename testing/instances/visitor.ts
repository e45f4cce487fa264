import { z } from 'zod'
import { SECOND } from '#lib/core/clock.ts'

/** Visits an instance without a browser: keeps cookies but doesn't follow redirects. */
export class Visitor {
  readonly origin: string
  readonly #cookies: Map<string, string>

  constructor(origin: string, cookies = new Map<string, string>()) {
    this.origin = origin
    this.#cookies = cookies
  }

  /** The same visitor at another instance on the same database. */
  at(origin: string): Visitor {
    return new Visitor(origin, this.#cookies)
  }

  /** The Cookie header of its requests. */
  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** @param address a path, or a URL of the same origin */
  async request(
    address: string,
    init: { method?: string; form?: Record<string, string>; json?: unknown } = {},
  ): Promise<Response> {
    const response = await fetch(new URL(address, this.origin), {
      method: init.method ?? (init.form ? 'POST' : 'GET'),
      headers: { cookie: this.cookie },
      body: init.form ? new URLSearchParams(init.form) : init.json ? JSON.stringify(init.json) : undefined,
      redirect: 'manual',
      signal: AbortSignal.timeout(30 * SECOND),
    })
    for (const header of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(header) ?? []
      if (name !== undefined && value !== undefined) this.#cookies.set(name, value)
    }
    return response
  }

  /** Gets JSON and validates it. @throws when the status isn't 2xx */
  async json<Shape extends z.ZodType>(address: string, shape: Shape): Promise<z.output<Shape>> {
    const response = await this.request(address)
    if (!response.ok) throw new Error(`${address} returned HTTP ${response.status}: ${await response.text()}`)
    return shape.parse(await response.json())
  }
}

/**
 * Opens the consent page of the simulated Spotify.
 * @returns a function that presses "Agree" there and returns to the instance, signed in
 */
export async function openConsent(visitor: Visitor, listener: string): Promise<() => Promise<void>> {
  const { csrfToken } = await visitor.json('/api/auth/csrf', z.object({ csrfToken: z.string() }))
  const leaving = await visitor.request('/api/auth/signin/spotify', { form: { csrfToken, callbackUrl: '/overview' } })
  const consentPage = targetOf(leaving)
  const page = await fetch(consentPage, { signal: AbortSignal.timeout(30 * SECOND) })
  const [, request] = /name="request" value="([^"]+)"/.exec(await page.text()) ?? []
  if (!page.ok || !request) throw new Error(`There is no consent page at ${consentPage.origin}: HTTP ${page.status}`)
  return async () => {
    const decided = await fetch(new URL('/authorize', consentPage), {
      method: 'POST',
      body: new URLSearchParams({ request, listener, decision: 'agree' }),
      redirect: 'manual',
      signal: AbortSignal.timeout(30 * SECOND),
    })
    const arrived = targetOf(await visitor.request(targetOf(decided).href))
    if (arrived.pathname !== '/overview') throw new Error(`The sign-in ended at ${arrived}`)
  }
}

/** Signs a listener in. */
export async function signIn(visitor: Visitor, listener: string): Promise<void> {
  const agree = await openConsent(visitor, listener)
  await agree()
}

function targetOf(response: Response): URL {
  const location = response.headers.get('location')
  if (!location) throw new Error(`${response.url} returned HTTP ${response.status} without a redirect`)
  return new URL(location, response.url)
}
