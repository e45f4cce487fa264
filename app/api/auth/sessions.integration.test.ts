import { createRequire } from 'node:module'
import { join } from 'node:path'
import { NextRequest } from 'next/server'
import { describe, expect, vi } from 'vitest'
import type { Endpoint } from '#lib/api/endpoint.ts'
import { endpoints } from '#lib/api/index.ts'
import { REQUEST_LIMITS } from '#lib/api/limits.ts'
import { currentListener } from '#lib/auth/auth.ts'
import { hashOfToken, hashStoredTokens } from '#lib/auth/sessions.ts'
import { DAY, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { test as base, type TestListener } from '#testing/sync/fixture.ts'

/** Signing in, confirming and signing out through the routes, next-auth and the simulated Spotify. */

/** The browser, as Next hands it to what is called. */
const browser = vi.hoisted(() => ({ cookies: new Map<string, string>(), headers: new Headers() }))
const nextHeaders = vi.hoisted(() => ({
  cookies: async () => ({
    get: (name: string) => (browser.cookies.has(name) ? { name, value: browser.cookies.get(name) } : undefined),
    getAll: () => [...browser.cookies].map(([name, value]) => ({ name, value })),
    set: (name: string, value: string, { maxAge }: { maxAge: number }) => keep(name, maxAge > 0 ? value : ''),
  }),
  headers: async () => browser.headers,
}))
vi.mock('next/headers', () => nextHeaders)
// next-auth requires the module, which Vitest doesn't replace.
Object.assign(createRequire(import.meta.url)('next/headers'), nextHeaders)
// No engine runs here.
vi.mock('#inngest/events.ts', async (importOriginal) => {
  const names = Object.keys(await importOriginal<object>())
  return Object.fromEntries(names.map((name) => [name, async () => undefined]))
})

const ORIGIN = 'https://tracklake.example'
const COOKIE = '__Host-tracklake-real.session-token'
const FORMER_COOKIE = '__Secure-tracklake-real.session-token'
const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'

let listeners = 0

/** The listener of a test has signed up with a browser, and isn't signed in any more. */
const test = base.extend('listener', async ({ harness: _ }) => signUp(`load-${++listeners}`))

test.override('options', [{ APP_URL: ORIGIN, NEXTAUTH_URL: ORIGIN, NEXTAUTH_SECRET: 'for tests', SIGN_UPS: 'open' }])

test.beforeEach(({ harness: _ }) => {
  browser.cookies.clear()
  browser.headers = new Headers({ 'user-agent': USER_AGENT })
})

function keep(name: string, value: string): void {
  if (value === '') browser.cookies.delete(name)
  else browser.cookies.set(name, value)
}

type Handler = (request: Request, context: { params: Promise<unknown> }) => Promise<Response>

/** Calls a route file as Next does, and keeps the cookies that it sets. */
async function call(
  file: string,
  method: string,
  address: string,
  params: unknown,
  { body, accept = '*/*' }: { body?: BodyInit | undefined; accept?: string } = {},
) {
  const route: Record<string, Handler | undefined> = await import(join(import.meta.dirname, '..', file, 'route.ts'))
  const sent = new NextRequest(new URL(address, ORIGIN), {
    method,
    headers: { 'user-agent': USER_AGENT, accept },
    ...(body === undefined ? {} : { body }),
  })
  const response = await route[method]?.(sent, { params: Promise.resolve(params) })
  if (!response) throw new Error(`${file} has no ${method}`)
  for (const header of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? []
    keep(decodeURIComponent(name), decodeURIComponent(value))
  }
  return response
}

const auth = (method: string, address: string, form?: Record<string, string>, accept?: string) =>
  call(
    'auth/[...nextauth]',
    method,
    address,
    { nextauth: new URL(address, ORIGIN).pathname.split('/').slice(3) },
    { body: form && new URLSearchParams(form), ...(accept ? { accept } : {}) },
  )

const api = async (method: string, path: string, { id, body }: { id?: string; body?: unknown } = {}) => {
  const address = `/api/${path.replace('[id]', id ?? '')}`
  const response = await call(
    path,
    method,
    address,
    { id },
    method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) },
  )
  return { status: response.status, json: await response.json() }
}

/** Leaves for Spotify and comes back. @param decision of the listener there @returns where it ends */
async function visitSpotify(
  listener: string,
  fields: Record<string, string> = {},
  decision: 'agree' | 'cancel' = 'agree',
): Promise<string> {
  const { csrfToken } = await (await auth('GET', '/api/auth/csrf')).json()
  const form = { csrfToken, callbackUrl: '/overview', ...fields }
  const consent = targetOf(await auth('POST', '/api/auth/signin/spotify', form))
  if (consent.origin === ORIGIN) return `${consent.pathname}${consent.search}`
  const [, request = ''] = /name="request" value="([^"]+)"/.exec(await (await fetch(consent)).text()) ?? []
  const decided = await fetch(new URL('/authorize', consent), {
    method: 'POST',
    body: new URLSearchParams({ request, listener, decision }),
    redirect: 'manual',
  })
  const callback = targetOf(decided)
  const end = targetOf(await auth('GET', `${callback.pathname}${callback.search}`))
  return `${end.pathname}${end.search}`
}

const targetOf = ({ headers }: Response) => new URL(headers.get('location') ?? '/', ORIGIN)

async function signUp(name: string): Promise<TestListener> {
  await visitSpotify(name)
  const { userId } = await db().session.findUniqueOrThrow({
    where: { sessionToken: hashOfToken(browser.cookies.get(COOKIE) ?? '') },
  })
  browser.cookies.clear()
  await db().session.deleteMany({ where: { userId } })
  const { id: runId } = await db().run.findFirstOrThrow({ where: { userId } })
  return { name, userId, runId }
}

const sessionsOf = ({ userId }: { userId: string }) =>
  db().session.findMany({ where: { userId }, orderBy: { createdAt: 'asc' } })

/** Makes all sign-ins old enough that secrets need a new one. */
async function age(minutes = 16): Promise<void> {
  await db().$executeRaw`
    update "Session" set "createdAt" = "createdAt" - make_interval(mins => ${minutes}),
                         "confirmedAt" = "confirmedAt" - make_interval(mins => ${minutes})`
}

describe('a session', () => {
  test('is stored as the hash of its cookie, with the browser', async ({ listener }) => {
    expect(await visitSpotify(listener.name)).toBe('/overview')
    const token = browser.cookies.get(COOKIE) ?? ''
    expect(await sessionsOf(listener)).toMatchObject([{ sessionToken: hashOfToken(token), userAgent: USER_AGENT }])
    expect(JSON.stringify(await db().session.findMany())).not.toContain(token)
    expect(await currentListener()).toMatchObject({ id: listener.userId })
  })

  test('replaces the one that the browser had', async ({ listener }) => {
    await visitSpotify(listener.name)
    const [first] = await sessionsOf(listener)
    await visitSpotify(listener.name)
    const second = await sessionsOf(listener)
    expect(second).toHaveLength(1)
    expect(second[0]?.id).not.toBe(first?.id)
  })

  test('can’t be opened with a stolen hash', async ({ listener }) => {
    await visitSpotify(listener.name)
    browser.cookies.set(COOKIE, hashOfToken(browser.cookies.get(COOKIE) ?? ''))
    expect(await currentListener()).toBeNull()
  })

  test('from a web process of the earlier version stays valid, and is hashed at the next start', async ({
    listener,
  }) => {
    const token = '6f0f2b8e-3a52-4a0c-9d0e-0d8f2c1b7a11'
    const expires = new Date(Date.now() + 29 * DAY)
    await db().session.create({ data: { sessionToken: token, userId: listener.userId, expires } })
    browser.cookies.set(FORMER_COOKIE, token)
    expect(await currentListener()).toMatchObject({ id: listener.userId })
    await hashStoredTokens()
    expect(await sessionsOf(listener)).toMatchObject([{ sessionToken: hashOfToken(token) }])
    expect(await currentListener()).toMatchObject({ id: listener.userId })
  })

  test('from before __Host- gets the new cookie, and other hosts can’t plant the former one', async ({ listener }) => {
    const planted = await visitSpotify(listener.name).then(() => browser.cookies.get(COOKIE) ?? '')
    browser.cookies.clear()
    browser.cookies.set(FORMER_COOKIE, planted)
    expect(await currentListener()).toBeNull()
    expect((await api('GET', 'me')).status).toBe(401)

    await db().session.updateMany({ where: { userId: listener.userId }, data: { userAgent: null } })
    expect((await api('GET', 'me')).status).toBe(200)
    expect([...browser.cookies]).toEqual([[COOKIE, planted]])
  })

  test('ends with "Sign out", also with the cookie of an earlier version', async ({ listener }) => {
    for (const cookie of [COOKIE, FORMER_COOKIE]) {
      await visitSpotify(listener.name)
      const token = browser.cookies.get(COOKIE) ?? ''
      if (cookie === FORMER_COOKIE) {
        await db().session.updateMany({ where: { userId: listener.userId }, data: { userAgent: null } })
        browser.cookies.delete(COOKIE)
        browser.cookies.set(FORMER_COOKIE, token)
      }
      const { csrfToken } = await (await auth('GET', '/api/auth/csrf')).json()
      await auth('POST', '/api/auth/signout', { csrfToken, callbackUrl: '/sign-out' })
      expect([browser.cookies.has(COOKIE), browser.cookies.has(FORMER_COOKIE)]).toEqual([false, false])
      expect(await sessionsOf(listener)).toEqual([])
    }
  })
})

test('signing out works without a usable Spotify app', async ({ listener }) => {
  await visitSpotify(listener.name)
  const apps = await db().spotifyApp.findMany()
  await db().spotifyApp.updateMany({ data: { clientSecret: 'seal.lost.c2VhbGVk' } })
  const { csrfToken } = await (await auth('GET', '/api/auth/csrf')).json()
  const response = await auth('POST', '/api/auth/signout', { csrfToken, callbackUrl: '/sign-out' })
  expect(targetOf(response).pathname).toBe('/sign-out')
  expect(await sessionsOf(listener)).toEqual([])
  for (const { id, clientSecret } of apps) await db().spotifyApp.update({ where: { id }, data: { clientSecret } })
})

describe('the list of signed-in browsers', () => {
  /** A second browser of the listener. */
  const elsewhere = ({ userId }: { userId: string }, id: string) =>
    db().session.create({
      data: { id, sessionToken: hashOfToken(id), userId, userAgent: '', expires: new Date(Date.now() + DAY) },
    })

  test('names this one first, and signs out the others one by one', async ({ listener }) => {
    await visitSpotify(listener.name)
    await elsewhere(listener, 'tablet')
    const { json } = await api('GET', 'sessions')
    expect(json.sessions).toMatchObject([
      { device: 'Firefox on Linux', isCurrent: true },
      { id: 'tablet', device: null, isCurrent: false },
    ])
    expect((await api('DELETE', 'sessions/[id]', { id: 'tablet' })).json.sessions).toHaveLength(1)
    expect(await api('DELETE', 'sessions/[id]', { id: 'tablet' })).toMatchObject({
      status: 404,
      json: { error: { code: 'unknown-session' } },
    })
  })

  test('hides the browsers of other listeners', async ({ listener }) => {
    const other = await signUp('load-40')
    await elsewhere(other, 'of another listener')
    await visitSpotify(listener.name)
    expect((await api('GET', 'sessions')).json.sessions).toHaveLength(1)
    expect((await api('DELETE', 'sessions/[id]', { id: 'of another listener' })).status).toBe(404)
    expect((await api('DELETE', 'sessions')).json).toEqual({ ended: 1 })
    expect(await db().session.count({ where: { id: 'of another listener' } })).toBe(1)
  })

  test('"Sign out everywhere" ends them all', async ({ listener }) => {
    await visitSpotify(listener.name)
    await elsewhere(listener, 'phone')
    expect((await api('DELETE', 'sessions')).json).toEqual({ ended: 2 })
    expect((await api('GET', 'me')).status).toBe(401)
  })

  test('keeps the 50 that were used last', async ({ listener }) => {
    const lastSeenAt = new Date(Date.now() - DAY)
    await db().session.createMany({
      data: Array.from({ length: 60 }, (_, index) => ({
        sessionToken: hashOfToken(`${listener.userId} ${index}`),
        userId: listener.userId,
        expires: new Date(Date.now() + DAY),
        lastSeenAt: new Date(lastSeenAt.getTime() + index),
      })),
    })
    await visitSpotify(listener.name)
    const kept = await sessionsOf(listener)
    expect(kept).toHaveLength(50)
    expect(kept.map(({ sessionToken }) => sessionToken)).toContain(hashOfToken(browser.cookies.get(COOKIE) ?? ''))
    expect(kept.map(({ sessionToken }) => sessionToken)).not.toContain(hashOfToken(`${listener.userId} 0`))
  })
})

const TOKEN = { name: 'a script', scopes: ['read charts'], days: 1 }
const createToken = () => api('POST', 'tokens', { body: TOKEN })

describe('creating or changing secrets', () => {
  test('needs a sign-in within the last 15 minutes at every endpoint that declares it', async ({ listener }) => {
    await visitSpotify(listener.name)
    await db().user.update({ where: { id: listener.userId }, data: { isAdmin: true } })
    await age()
    const declared = endpoints.filter((endpoint: Endpoint) => endpoint.recentSignIn)
    expect(declared.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'POST /api/admin/invites',
      'POST /api/tokens',
      'POST /api/warehouse/key',
      'PUT /api/lake',
      'PUT /api/warehouse',
    ])
    for (const { method, path } of declared) {
      expect([path, await api(method, path.replace('/api/', ''))]).toEqual([
        path,
        { status: 403, json: { error: expect.objectContaining({ code: 'confirm-sign-in' }) } },
      ])
    }
  })

  test('works again after a confirmation, which changes neither consent nor runs', async ({ listener }) => {
    await visitSpotify(listener.name)
    await age()
    const before = await stateOf(listener)
    expect((await createToken()).status).toBe(403)
    expect(await visitSpotify(listener.name, { confirm: '1', callbackUrl: '/confirmed' })).toBe('/confirmed')
    expect((await createToken()).status).toBe(201)
    expect(await stateOf(listener)).toEqual(before)
    await age()
    expect((await createToken()).status).toBe(403)
  })

  test('is not confirmed by another Spotify account', async ({ listener }) => {
    const { userId } = await signUp('load-41')
    await visitSpotify(listener.name)
    await age()
    const [before, people] = [await stateOf(listener), await db().user.count()]
    for (const other of ['load-41', 'load-42']) {
      expect(await visitSpotify(other, { confirm: '1' })).toBe('/confirmed?problem=other-account')
      expect((await createToken()).status).toBe(403)
    }
    expect(await stateOf(listener)).toEqual(before)
    expect(await db().user.count()).toBe(people)
    expect(await db().session.count({ where: { userId } })).toBe(0)
    expect(await currentListener()).toMatchObject({ id: listener.userId })
  })

  test('is not confirmed by Cancel, nor for a browser that has been signed out', async ({ listener }) => {
    await visitSpotify(listener.name)
    await age()
    expect(await visitSpotify(listener.name, { confirm: '1' }, 'cancel')).toBe('/confirmed?problem=refused')
    expect((await createToken()).status).toBe(403)
    await db().session.deleteMany({ where: { userId: listener.userId } })
    expect(await visitSpotify(listener.name, { confirm: '1' })).toBe('/sign-in?problem=expired-state')
    expect(await sessionsOf(listener)).toEqual([])
  })

  test('is not possible with API tokens, whose session nobody can confirm', async ({ listener }) => {
    await visitSpotify(listener.name)
    const { json } = await createToken()
    browser.cookies.clear()
    browser.headers.set('authorization', `Bearer ${json.token}`)
    for (const path of ['tokens', 'admin/invites', 'warehouse/key']) {
      expect(await api('POST', path)).toMatchObject({ status: 403, json: { error: { code: 'no-tokens-here' } } })
    }
  })
})

test('disconnecting and deleting only need the typed name, not Spotify', async ({ listener }) => {
  await visitSpotify(listener.name)
  await age(24 * 60)
  expect((await api('POST', 'disconnect')).status).toBe(200)
  const { name } = await db().user.findUniqueOrThrow({ where: { id: listener.userId } })
  expect((await api('POST', 'erase', { body: { confirm: 'somebody else' } })).status).toBe(400)
  expect((await api('POST', 'erase', { body: { confirm: name } })).status).toBe(200)
  expect(await db().user.count({ where: { id: listener.userId } })).toBe(0)
})

/** What a confirmation must not change. */
async function stateOf({ userId }: TestListener) {
  const account = await db().account.findFirstOrThrow({ where: { userId } })
  const sessions = (await sessionsOf({ userId })).map(({ id }) => id)
  const runs = await db().run.findMany({ where: { userId }, orderBy: { id: 'asc' } })
  const { name, isAdmin } = await db().user.findUniqueOrThrow({ where: { id: userId } })
  return { account, sessions, runs, name, isAdmin }
}

test('a confirmation is recorded with the time', async ({ listener }) => {
  await visitSpotify(listener.name)
  await age()
  await visitSpotify(listener.name, { confirm: '1' })
  const [session] = await sessionsOf(listener)
  expect(Date.now() - (session?.confirmedAt?.getTime() ?? 0)).toBeLessThan(MINUTE)
})

test('above the limit, a program gets an error, and a browser goes on to the page of its sign-in or confirmation', async ({
  listener,
}) => {
  await visitSpotify(listener.name)
  const { csrfToken } = await (await auth('GET', '/api/auth/csrf')).json()
  const start = (confirm: string, accept?: string) =>
    auth('POST', '/api/auth/signin/spotify', { csrfToken, callbackUrl: '/overview', confirm }, accept)
  const comeBack = (accept?: string) => auth('GET', '/api/auth/callback/spotify?error=access_denied', undefined, accept)
  const refusal = async (send: () => Promise<Response>) => {
    for (let sent = 0; sent < 2 * REQUEST_LIMITS['sign-ins'].perMinute; sent++) {
      const response = await send()
      if (response.status === 429) return response
    }
    throw new Error('not limited')
  }
  await start('1')
  expect(await (await refusal(comeBack)).json()).toMatchObject({ error: { code: 'too-many-requests' } })
  const page = async (send: () => Promise<Response>) => /url=([^"]+)/.exec(await (await refusal(send)).text())?.[1]
  expect(await page(() => comeBack('text/html'))).toBe('/confirmed?problem=too-many-sign-ins')
  expect(await page(() => start('1', 'text/html'))).toBe('/confirmed?problem=too-many-sign-ins')
  expect(await page(() => start('', 'text/html'))).toBe('/sign-in?problem=too-many-sign-ins')
  Reflect.deleteProperty(globalThis, Symbol.for('tracklake.request-limits'))
})
