import { z } from 'zod'
import { SECOND } from '#lib/core/clock.ts'

/** Somebody who visits an instance without a browser: keeps its cookies and follows no redirect by itself. */
export class Visitor {
  readonly origin: string
  readonly #cookies: Map<string, string>

  constructor(origin: string, cookies = new Map<string, string>()) {
    this.origin = origin
    this.#cookies = cookies
  }

  /** The same person at another instance on the same database. */
  at(origin: string): Visitor {
    return new Visitor(origin, this.#cookies)
  }

  /** Asks an address of the instance. @param address a path, or a whole address of the same origin */
  async request(
    address: string,
    init: { method?: string; form?: Record<string, string>; json?: unknown } = {},
  ): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(new URL(address, this.origin), {
      method: init.method ?? (init.form ? 'POST' : 'GET'),
      headers: { cookie },
      body: init.form ? new URLSearchParams(init.form) : init.json ? JSON.stringify(init.json) : undefined,
      redirect: 'manual',
      signal: AbortSignal.timeout(30 * SECOND),
    })
    for (const given of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(given) ?? []
      if (name !== undefined && value !== undefined) this.#cookies.set(name, value)
    }
    return answer
  }

  /** The JSON that an address answers, checked. @throws when it answers anything but 2xx */
  async json<Shape extends z.ZodType>(address: string, shape: Shape): Promise<z.output<Shape>> {
    const answer = await this.request(address)
    if (!answer.ok) throw new Error(`${address} answered ${answer.status}: ${await answer.text()}`)
    return shape.parse(await answer.json())
  }
}

/**
 * Goes as far as the consent page of the simulated Spotify. @returns what presses "Agree" there and comes back to the
 * instance, signed in
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

function targetOf(answer: Response): URL {
  const location = answer.headers.get('location')
  if (!location) throw new Error(`${answer.url} answered ${answer.status} and no redirect`)
  return new URL(location, answer.url)
}
