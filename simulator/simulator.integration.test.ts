import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { SimulatorSettings } from './admin/settings.ts'
import { type Simulator, startSimulator } from './simulator.ts'

const OPTIONS = { port: 0, seed: 1, clientId: 'app', clientSecret: 'hush', admin: true }
const BASIC = `Basic ${Buffer.from('app:hush').toString('base64')}`
const SCOPES = ['user-top-read', 'user-library-read', 'user-read-recently-played', 'playlist-read-private']
const REDIRECT = 'http://127.0.0.1:3000/api/auth/callback/spotify'
const VERIFIER = 'v'.repeat(64)
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')

const Tokens = z.object({ access_token: z.string(), refresh_token: z.string().optional(), scope: z.string() })
const Page = z.object({
  items: z.array(z.looseObject({ added_at: z.string(), track: z.looseObject({ id: z.string() }) })),
  total: z.number(),
  next: z.string().nullable(),
})
const Stats = z.object({
  requests: z.record(z.string(), z.number()),
  statuses: z.record(z.string(), z.number()),
  inFlight: z.record(z.string(), z.number()),
  maxInFlight: z.record(z.string(), z.number()),
  tooMany: z.number(),
})

let simulator: Simulator
beforeEach(async () => {
  simulator = await startSimulator(OPTIONS)
})
afterEach(() => simulator.stop())

async function configure(settings: SimulatorSettings): Promise<unknown> {
  const response = await fetch(`${simulator.url}/admin`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  })
  expect(response.status).toBe(200)
  return response.json()
}

async function grant(listener: string, scopes = SCOPES) {
  const { grant } = z.object({ grant: Tokens }).parse(await configure({ grant: { listener, scopes } }))
  return grant
}

function get(path: string, token: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${simulator.url}/v1${path}`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: AbortSignal.timeout(30_000),
  })
}

async function savedPage(token: string, offset = 0) {
  return Page.parse(await (await get(`/me/tracks?limit=50&offset=${offset}`, token)).json())
}

async function stats() {
  return Stats.parse(await (await fetch(`${simulator.url}/admin/stats`)).json())
}

async function expected(path: string) {
  const Rows = z.object({ total: z.number(), items: z.array(z.looseObject({})), next: z.number().nullable() })
  return Rows.parse(await (await fetch(`${simulator.url}/admin/expected/${path}`)).json())
}

function requestToken(form: Record<string, string>, authorization = BASIC): Promise<Response> {
  return fetch(`${simulator.url}/api/token`, {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams(form),
  })
}

function authorizeUrl(changes: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: 'app',
    response_type: 'code',
    redirect_uri: REDIRECT,
    state: 'a state & more',
    scope: SCOPES.join(' '),
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  })
  return `${simulator.url}/authorize?${query}`
}

/** Submits the consent page like a browser. */
async function decide(decision: 'agree' | 'cancel', listener = 'juniper-lake'): Promise<URL> {
  const page = await (await fetch(authorizeUrl())).text()
  const request = /name="request" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const response = await fetch(`${simulator.url}/authorize`, {
    method: 'POST',
    body: new URLSearchParams({ request, decision, listener }),
    redirect: 'manual',
  })
  return new URL(response.headers.get('location') ?? '')
}

async function agree(): Promise<Record<string, string>> {
  const code = (await decide('agree')).searchParams.get('code') ?? ''
  return { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: VERIFIER }
}

test('the consent page has chosen who agreed last in this browser', async () => {
  const chosenOf = (page: string) => /value="([^"]+)" checked/.exec(page)?.[1]
  const page = await (await fetch(authorizeUrl())).text()
  const [, request = ''] = /name="request" value="([^"]+)"/.exec(page) ?? []
  const agreed = await fetch(`${simulator.url}/authorize`, {
    method: 'POST',
    body: new URLSearchParams({ request, listener: 'quiet-fern', decision: 'agree' }),
    redirect: 'manual',
  })
  const cookie = agreed.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const again = await fetch(authorizeUrl(), { headers: { cookie: `other=1; ${cookie}` } })
  expect([chosenOf(page), chosenOf(await again.text())]).toEqual(['juniper-lake', 'quiet-fern'])
})

describe('a second app', () => {
  const SECOND = 'second'
  const second = (form: Record<string, string>) =>
    requestToken(form, `Basic ${Buffer.from(`${SECOND}:psst`).toString('base64')}`)

  async function grantOfSecond(listener = 'juniper-lake') {
    const response = await configure({ grant: { listener, scopes: SCOPES, client: SECOND } })
    return z.object({ grant: Tokens }).parse(response).grant
  }

  beforeEach(() => configure({ apps: { [SECOND]: { clientSecret: 'psst', redirectUris: [REDIRECT] } } }))

  test('has its own secret, redirect URIs and tokens', async () => {
    expect((await fetch(authorizeUrl({ client_id: SECOND }))).status).toBe(200)
    const elsewhere = await fetch(authorizeUrl({ client_id: SECOND, redirect_uri: `${REDIRECT}/` }))
    expect([elsewhere.status, await elsewhere.text()]).toEqual([400, expect.stringContaining('Invalid redirect URI')])
    const form = { grant_type: 'refresh_token', refresh_token: (await grantOfSecond()).refresh_token ?? '' }
    expect((await second(form)).status).toBe(200)
    expect(await (await requestToken(form)).json()).toMatchObject({ error: 'invalid_grant' })
    expect(await (await requestToken(await agree())).json()).toMatchObject({ token_type: 'Bearer' })
    expect(await (await second(await agree())).json()).toMatchObject({ error: 'invalid_grant' })
  })

  test('has its own owner, allow-list and request limit', async () => {
    const [ofFirst, ofSecond] = [await grant('juniper-lake'), await grantOfSecond()]
    const statuses = async () => [
      (await get('/me', ofFirst.access_token)).status,
      (await get('/me', ofSecond.access_token)).status,
    ]
    await configure({ apps: { [SECOND]: { premiumLapsed: true } } })
    expect(await statuses()).toEqual([200, 403])
    await configure({ apps: { [SECOND]: { premiumLapsed: false, allowed: ['quiet-fern'] } } })
    expect(await statuses()).toEqual([200, 403])
    await configure({ apps: { [SECOND]: { allowed: null } }, window: { seconds: 600, requests: 1 } })
    expect(await statuses()).toEqual([200, 200])
    expect(await statuses()).toEqual([429, 429])
  })

  test('is removed by a reset', async () => {
    await configure({ reset: true })
    expect((await fetch(authorizeUrl({ client_id: SECOND }))).status).toBe(400)
    const refused = await fetch(`${simulator.url}/admin`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apps: { third: { premiumLapsed: true } } }),
    })
    expect(refused.status).toBe(400)
  })
})

describe('consent', () => {
  test('leads from the consent page to a code and to tokens that work', async () => {
    const to = await decide('agree')
    expect([to.origin + to.pathname, to.searchParams.get('state')]).toEqual([REDIRECT, 'a state & more'])
    const tokens = Tokens.parse(await (await requestToken(await agree())).json())
    expect(tokens.scope).toBe(SCOPES.join(' '))
    expect(await (await get('/me', tokens.access_token)).json()).toMatchObject({ id: 'juniper-lake', type: 'user' })
  })

  test('returns access_denied when the listener cancels', async () => {
    const to = await decide('cancel')
    expect(Object.fromEntries(to.searchParams)).toEqual({ error: 'access_denied', state: 'a state & more' })
  })

  test.each([
    ['a foreign client', { client_id: 'other' }, 'INVALID_CLIENT: Invalid client'],
    ['the word localhost', { redirect_uri: 'http://localhost:3000/x' }, 'INVALID_CLIENT: Insecure redirect URI'],
    ['plain http', { redirect_uri: 'http://example.test/x' }, 'INVALID_CLIENT: Insecure redirect URI'],
    ['another scheme', { redirect_uri: 'javascript:alert(1)' }, 'INVALID_CLIENT: Invalid redirect URI'],
    ['a token in the redirect', { response_type: 'token' }, 'response_type must be code'],
    ['an unhashed challenge', { code_challenge_method: 'plain' }, 'code_challenge_method must be S256'],
    ['an unknown scope', { scope: 'user-everything' }, 'INVALID_SCOPE'],
  ])('shows an error page for %s', async (_, changes, problem) => {
    const response = await fetch(authorizeUrl(changes), { redirect: 'manual' })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(problem)
  })

  test('gives a code that works once, with the right verifier, redirect URI and secret', async () => {
    const form = await agree()
    const refused = async (response: Promise<Response>) =>
      z.looseObject({ error: z.string() }).parse(await (await response).json())
    expect(await refused(requestToken({ ...form, code_verifier: 'w'.repeat(64) }))).toMatchObject({
      error: 'invalid_grant',
    })
    const { code_verifier: _, ...withoutVerifier } = form
    expect(await refused(requestToken(withoutVerifier))).toMatchObject({ error: 'invalid_grant' })
    expect(await refused(requestToken({ ...form, redirect_uri: `${REDIRECT}/` }))).toMatchObject({
      error: 'invalid_grant',
    })
    expect(await refused(requestToken(form, `Basic ${btoa('app:wrong')}`))).toMatchObject({ error: 'invalid_client' })
    expect((await requestToken(form)).status).toBe(200)
    expect(await refused(requestToken(form))).toMatchObject({ error: 'invalid_grant' })
  })

  test('gives a code that expires after ten minutes', async () => {
    const form = await agree()
    await configure({ clock: { advanceSeconds: 601 } })
    expect(await (await requestToken(form)).json()).toMatchObject({ error: 'invalid_grant' })
  })
})

describe('tokens', () => {
  const refresh = (token = '') => requestToken({ grant_type: 'refresh_token', refresh_token: token })

  test('survive a restart, but not a changed secret', async () => {
    const { access_token, refresh_token } = await grant('juniper-lake')
    await simulator.stop()
    simulator = await startSimulator(OPTIONS)
    expect((await get('/me', access_token)).status).toBe(200)
    expect((await refresh(refresh_token)).status).toBe(200)
    await simulator.stop()
    simulator = await startSimulator({ ...OPTIONS, clientSecret: 'changed' })
    expect((await get('/me', access_token)).status).toBe(401)
  })

  test('expire after an hour and can be refreshed for six months after the consent', async () => {
    const { access_token, refresh_token } = await grant('juniper-lake')
    await configure({ clock: { advanceSeconds: 3600 } })
    expect(await (await get('/me', access_token)).json()).toMatchObject({
      error: { status: 401, message: 'The access token expired' },
    })
    const renewed = Tokens.parse(await (await refresh(refresh_token)).json())
    expect(renewed.refresh_token).toBeUndefined()
    expect((await get('/me', renewed.access_token)).status).toBe(200)
    await configure({ clock: { advanceSeconds: 180 * 86_400 } })
    const expired = await refresh(refresh_token)
    expect(expired.status).toBe(400)
    expect(await expired.json()).toEqual({ error: 'invalid_grant', error_description: 'Refresh token expired' })
  })

  test('stop working when the consent is revoked; a new consent works even while the clock stands still', async () => {
    await simulator.stop()
    const noon = new Date('2026-11-20T12:00:00Z')
    simulator = await startSimulator({ ...OPTIONS, now: () => noon })
    const { access_token, refresh_token } = await grant('juniper-lake')
    await configure({ listeners: { 'juniper-lake': { consent: 'revoked' } } })
    expect((await get('/me', access_token)).status).toBe(401)
    expect(await (await refresh(refresh_token)).json()).toMatchObject({ error_description: 'Refresh token revoked' })
    const again = await grant('juniper-lake')
    expect((await get('/me', again.access_token)).status).toBe(200)
    expect((await refresh(refresh_token)).status).toBe(400)
  })

  test('rotate if configured, and the old refresh token stops working', async () => {
    await configure({ conditions: { rotation: true } })
    const { refresh_token } = await grant('juniper-lake')
    const { refresh_token: second } = Tokens.parse(await (await refresh(refresh_token)).json())
    expect(second).toBeDefined()
    expect((await refresh(refresh_token)).status).toBe(400)
    expect((await refresh(second)).status).toBe(200)
  })
})

describe('the Web API', () => {
  test('responds the same for the same instant, including past ones', async () => {
    const { access_token } = await grant('juniper-lake')
    const asOf = { 'x-simulated-now': '2026-01-02T03:04:05Z' }
    const fetchText = async (path: string) => (await get(path, access_token, asOf)).text()
    for (const path of [
      '/me/top/tracks?limit=50',
      '/me/tracks?limit=50',
      '/me/player/recently-played',
      '/me/playlists',
    ])
      expect(await fetchText(path)).toBe(await fetchText(path))
    expect(await fetchText('/me/player/recently-played')).not.toBe(
      await (await get('/me/player/recently-played', access_token)).text(),
    )
    const future = await get('/me', access_token, { 'x-simulated-now': '2999-01-01T00:00:00Z' })
    expect(future.status).toBe(400)
  })

  test('pages through every item exactly once', async () => {
    const { access_token } = await grant('juniper-lake')
    const ids: string[] = []
    let page = await savedPage(access_token)
    ids.push(...page.items.map(({ track }) => track.id))
    while (page.next) {
      page = Page.parse(await (await get(page.next.slice(`${simulator.url}/v1`.length), access_token)).json())
      ids.push(...page.items.map(({ track }) => track.id))
    }
    expect(new Set(ids).size).toBe(page.total)
    expect(ids).toHaveLength(page.total)
  })

  test('reports a total that is too high to the odd listener', async () => {
    const { access_token } = await grant('odd-quill')
    const last = await savedPage(access_token, 100)
    expect([last.total, last.items.length, last.next]).toEqual([103, 0, null])
  })

  test('returns a window of 42 to 50 plays, says that there are older ones, and returns none of them', async () => {
    const { access_token } = await grant('juniper-lake')
    const Plays = z.object({
      items: z.array(z.looseObject({ played_at: z.string() })),
      cursors: z.object({ after: z.string(), before: z.string() }).nullable(),
      next: z.string().nullable(),
    })
    const playsPage = async (query: string) =>
      Plays.parse(await (await get(`/me/player/recently-played?${query}`, access_token)).json())
    const all = await playsPage('limit=50')
    expect(all.items.length).toBeGreaterThanOrEqual(42)
    expect(all.items.length).toBeLessThanOrEqual(50)
    expect(all.next).toContain('before=')
    expect(await playsPage(`before=${all.cursors?.before}`)).toMatchObject({ items: [], cursors: null, next: null })
    const tenth = Date.parse(all.items[10]?.played_at ?? '')
    expect((await playsPage(`limit=50&after=${tenth}`)).items).toEqual(all.items.slice(0, 10))
  })

  test('is playing what ends up in the history, or nothing', async () => {
    await configure({ clock: { set: '2026-01-11T19:00:00Z' } })
    const { access_token } = await grant('quiet-fern', ['user-read-currently-playing'])
    const silence = await get('/me/player/currently-playing', access_token)
    expect([silence.status, await silence.text()]).toEqual([204, ''])
    const { items } = await expected('quiet-fern/plays?at=2026-01-11T19:00:00Z')
    // A minute before the end of the last play.
    await configure({ clock: { set: new Date(Date.parse(String(items[1]?.played_at)) - 60_000).toISOString() } })
    const playing = await get('/me/player/currently-playing', access_token)
    expect(await playing.json()).toMatchObject({ is_playing: true, item: { uri: items[1]?.uri } })
  })

  test("doesn't send the fields that were removed for new apps", async () => {
    const { access_token } = await grant('juniper-lake', [...SCOPES, 'user-follow-read'])
    const { items } = await savedPage(access_token)
    const track = items[0]?.track.id
    for (const path of [
      '/me',
      '/me/top/tracks',
      '/me/top/artists',
      '/me/albums',
      '/me/following?type=artist',
      `/tracks/${track}`,
    ])
      expect(await (await get(path, access_token)).text()).not.toMatch(
        /"(popularity|followers|available_markets|label|country|email|product|explicit_content|linked_from)":/,
      )
    expect(await (await get('/me/top/artists', access_token)).text()).not.toContain('"genres":')
  })

  test.each([
    ['/me/tracks?limit=51', 400, 'Invalid limit'],
    ['/me/tracks?limit=0', 400, 'Invalid limit'],
    ['/me/top/tracks?time_range=ever', 400, 'Invalid time range'],
    ['/me/following?type=artist', 403, 'Insufficient client scope'],
    ['/me/player/currently-playing', 401, 'Permissions missing'],
    ['/tracks?ids=a,b', 403, 'Forbidden'],
    ['/playlists/abc/tracks', 403, 'Forbidden'],
    ['/audio-features/abc', 403, 'Forbidden'],
    ['/recommendations', 404, 'Resource not found'],
    ['/playlists/37i9dQZEVXbMDoHDwVN2tF', 404, 'Resource not found'],
    ['/playlists/37i9dQZEVXbMDoHDwVN2tF/items', 404, 'Resource not found'],
    ['/tracks/0000000000000000000000', 404, 'Resource not found'],
    ['/nothing', 404, 'Service not found'],
  ])('responses %s with %i %s', async (path, status, message) => {
    const { access_token } = await grant('juniper-lake')
    expect(await (await get(path, access_token)).json()).toEqual({ error: { status, message } })
  })

  test('returns the items of own and collaborative playlists, but not of others', async () => {
    const { access_token } = await grant('odd-cases', [...SCOPES, 'playlist-read-collaborative'])
    const Lists = z.object({ items: z.array(z.looseObject({ id: z.string(), name: z.string() }).nullable()) })
    const lists = Lists.parse(await (await get('/me/playlists', access_token)).json()).items
    expect(lists).toContain(null)
    const getPlaylist = async (name: string, rest: string) => {
      const response = await get(`/playlists/${lists.find((one) => one?.name === name)?.id}${rest}`, access_token)
      return { status: response.status, body: z.looseObject({}).parse(await response.json()) }
    }
    expect((await getPlaylist('Kept by a friend and me', '/items')).status).toBe(200)
    expect((await getPlaylist('Only seen from outside', '/items')).status).toBe(403)
    expect((await getPlaylist('Only seen from outside', '')).body).not.toHaveProperty('items')
    expect((await getPlaylist('A hundred', '/items?limit=50')).body).toMatchObject({
      total: 100,
      next: expect.any(String),
    })
    expect((await getPlaylist('A hundred', '/items?limit=50&offset=50')).body).toMatchObject({ next: null, offset: 50 })
  })

  test('leaves out playlists whose scope was not granted', async () => {
    const total = async (scopes: string[]) => {
      const { access_token } = await grant('juniper-lake', scopes)
      return z.object({ total: z.number() }).parse(await (await get('/me/playlists', access_token)).json()).total
    }
    const [none, priv, both] = [
      await total([]),
      await total(['playlist-read-private']),
      await total(['playlist-read-private', 'playlist-read-collaborative']),
    ]
    expect(none).toBeLessThan(priv)
    expect(priv).toBeLessThan(both)
  })

  test('uses the old names of playlist fields if configured', async () => {
    const { access_token } = await grant('odd-quill')
    await configure({ conditions: { oldShapes: true } })
    const Lists = z.object({ items: z.array(z.looseObject({ id: z.string() }).nullable()) })
    const [first] = Lists.parse(await (await get('/me/playlists?limit=1', access_token)).json()).items
    expect(first).toHaveProperty('tracks.total')
    const entries = await (await get(`/playlists/${first?.id}/items?limit=1`, access_token)).json()
    expect(entries).toHaveProperty('items.0.track.uri')
    expect(entries).not.toHaveProperty('items.0.item')
  })
})

describe('a listener who has just started', () => {
  test('played two songs in the hour before the first sign-in, also when signing in again later', async () => {
    const times = async () => (await expected('quiet-fern/plays')).items.map(({ played_at }) => played_at)
    const listen = async (at: string) => {
      await configure({ clock: { set: at } })
      const { access_token } = await grant('quiet-fern')
      expect((await get('/me/player/recently-played', access_token)).status).toBe(200)
      return times()
    }
    const first = await listen('2026-11-20T09:30:00Z')
    expect(first).toEqual(['2026-11-20T08:30:00.000Z', '2026-11-20T08:34:00.000Z'])
    expect(await listen('2026-11-20T21:00:00Z')).toEqual(first)
  })
})

describe('an export', () => {
  const page = async (query: string, listener = 'juniper-lake') => {
    const response = await fetch(`${simulator.url}/exports/${listener}?${query}`)
    const Export = z.object({
      pages: z.number().optional(),
      rows: z.array(z.looseObject({ ts: z.string() })).optional(),
    })
    return { status: response.status, ...Export.parse(await response.json()) }
  }

  test('ends before an instant, and is the same every time', async () => {
    const before = '2017-01-20T10:00:00Z'
    const { pages = 0, rows = [] } = await page(`page=1&before=${before}`)
    const last = (await page(`page=${pages - 1}&before=${before}`)).rows ?? []
    expect(pages).toBe(3)
    expect(rows.length).toBeGreaterThan(500)
    expect(rows.map(({ ts }) => ts)).toEqual(rows.map(({ ts }) => ts).sort())
    expect((last.at(-1)?.ts ?? before) < before).toBe(true)
    expect((await page(`page=1&before=${before}`)).rows).toEqual(rows)
  })

  test('of Quill misses the last two weeks', async () => {
    const before = '2026-10-14T12:00:00Z'
    const { pages = 0 } = await page(`page=0&before=${before}`, 'odd-quill')
    const last = (await page(`page=${pages - 1}&before=${before}`, 'odd-quill')).rows?.at(-1)?.ts ?? ''
    expect(last > '2026-09-29' && last <= '2026-09-30T12:00:00Z').toBe(true)
  })

  test.each([
    ['a page beyond the end', 'page=3&before=2017-01-20T10:00:00Z', 'juniper-lake'],
    ['a negative page', 'page=-1', 'juniper-lake'],
    ['a listener who never asked for one', 'page=0', 'quiet-fern'],
    ['somebody unknown', 'page=0', 'nobody'],
  ])('has not %s', async (_what, query, listener) => {
    expect((await page(query, listener)).status).toBe(404)
  })
})

describe('a fault', () => {
  test('affects as many requests as queued, of its listener and path', async () => {
    const [one, other] = [await grant('juniper-lake'), await grant('odd-quill')]
    await configure({
      faults: [
        {
          match: { path: 'offset=50', listener: 'juniper-lake' },
          after: 1,
          times: 2,
          fault: { kind: 'status', status: 503 },
        },
      ],
    })
    for (let i = 0; i < 3; i++) expect((await get('/me/tracks?offset=50', other.access_token)).status).toBe(200)
    expect((await get('/me/tracks?offset=0', one.access_token)).status).toBe(200)
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await get('/me/tracks?offset=50', one.access_token)).status)
    expect(statuses).toEqual([200, 503, 503, 200])
  })

  test('responds like Spotify and its gateways', async () => {
    const { access_token } = await grant('juniper-lake')
    const meet = async (fault: NonNullable<SimulatorSettings['faults']>[number]['fault']) => {
      await configure({ faults: [{ fault }] })
      const response = await get('/me', access_token)
      return [response.status, response.headers.get('retry-after'), await response.text()]
    }
    expect(await meet({ kind: 'rate-limit', retryAfter: 3, body: 'plain' })).toEqual([429, '3', 'Too many requests'])
    const [status, retryAfter, body] = await meet({ kind: 'quota', retryAfter: 80_000 })
    expect([status, retryAfter]).toEqual([429, '80000'])
    expect(body).toContain('"reason":"QUOTA_EXCEEDED"')
    expect(await meet({ kind: 'html' })).toEqual([502, null, expect.stringContaining('<html>')])
    expect(await meet({ kind: 'not-json' })).toEqual([200, null, expect.stringMatching(/^upstream/)])
    const [, , malformed] = await meet({ kind: 'malformed-json' })
    expect(() => JSON.parse(String(malformed))).toThrow(SyntaxError)
    expect(await meet({ kind: 'expired-token' })).toEqual([401, null, expect.stringContaining('expired')])
  })

  test('holds or breaks connections', async () => {
    const { access_token } = await grant('juniper-lake')
    await configure({ faults: [{ fault: { kind: 'cut' } }] })
    await expect(get('/me', access_token).then((response) => response.text())).rejects.toThrow()
    await configure({ faults: [{ fault: { kind: 'time-out' } }] })
    const gaveUp = new AbortController()
    const held = fetch(`${simulator.url}/v1/me`, { signal: gaveUp.signal })
    await expect.poll(async () => (await stats()).inFlight.all).toBe(1)
    gaveUp.abort()
    await expect(held).rejects.toThrow()
    await expect.poll(async () => (await stats()).inFlight.all).toBe(0)
  })

  test('refuses listeners who are not on the allow-list, and everybody if Premium has lapsed', async () => {
    const [one, other] = [await grant('juniper-lake'), await grant('odd-quill')]
    await configure({ listeners: { 'odd-quill': { allowed: false } } })
    expect([(await get('/me', one.access_token)).status, (await get('/me', other.access_token)).status]).toEqual([
      200, 403,
    ])
    await configure({ conditions: { premiumLapsed: true } })
    const response = await get('/me', one.access_token)
    expect([response.status, await response.text()]).toEqual([
      403,
      expect.stringContaining('Active premium subscription'),
    ])
  })

  test('ends with a reset', async () => {
    const { access_token } = await grant('juniper-lake')
    await configure({
      conditions: { premiumLapsed: true },
      clock: { advanceSeconds: 7200 },
      faults: [{ fault: { kind: 'html' } }],
    })
    await configure({ reset: true })
    expect((await get('/me', access_token)).status).toBe(200)
  })

  test('can be a full window: the statistics count the refused requests and those in flight', async () => {
    const { access_token } = await grant('juniper-lake')
    await configure({ reset: true, window: { seconds: 60, requests: 3 }, latencyMs: 300 })
    const responses = await Promise.all(Array.from({ length: 5 }, () => get('/me', access_token)))
    const refused = responses.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(2)
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
    await expect.poll(async () => (await stats()).inFlight.all).toBe(0)
    expect(await stats()).toMatchObject({
      requests: { '/me': 5 },
      statuses: { '200': 3, '429': 2 },
      maxInFlight: { '/me': 5, all: 5 },
      tooMany: 2,
    })
  })
})

describe('changes by tests', () => {
  test('shift a list while it is read: an unlike after the first page hides one song', async () => {
    const { access_token } = await grant('juniper-lake')
    const before = await savedPage(access_token)
    await configure({
      changes: [
        { what: 'unlike', listener: 'juniper-lake', position: 3, afterPages: { path: '/me/tracks', pages: 1 } },
      ],
    })
    expect((await savedPage(access_token)).items).toEqual(before.items)
    const after = await savedPage(access_token)
    expect(after.total).toBe(before.total - 1)
    expect(after.items[3]).toEqual(before.items[4])
  })

  test('put new likes first, in responses and in the expected rows', async () => {
    const { access_token } = await grant('juniper-lake')
    const before = await savedPage(access_token)
    await configure({ changes: [{ what: 'like', listener: 'juniper-lake' }] })
    const after = await savedPage(access_token)
    expect(after.total).toBe(before.total + 1)
    expect(after.items[1]).toEqual(before.items[0])
    const { total, items } = await expected('juniper-lake/saved?limit=1')
    expect(total).toBe(after.total)
    expect(items).toMatchObject([{ track_id: after.items[0]?.track.id, added_at: after.items[0]?.added_at }])
  })

  test('add plays and change playlists', async () => {
    const { access_token } = await grant('juniper-lake')
    await configure({ changes: [{ what: 'play', listener: 'juniper-lake', count: 60 }] })
    const since = new Date(Date.now() - 3_599_000).toISOString()
    expect((await expected(`juniper-lake/plays?since=${since}`)).total).toBeGreaterThanOrEqual(60)

    const Lists = z.object({ items: z.array(z.looseObject({ id: z.string(), snapshot_id: z.string() })) })
    const first = async () => Lists.parse(await (await get('/me/playlists?limit=1', access_token)).json()).items[0]
    const before = await first()
    const entries = await expected(`juniper-lake/playlist-items?playlist=${before?.id}`)
    await configure({
      changes: [{ what: 'playlist', listener: 'juniper-lake', playlist: before?.id ?? '', add: 2, remove: 0 }],
    })
    expect((await first())?.snapshot_id).not.toBe(before?.snapshot_id)
    expect((await expected(`juniper-lake/playlist-items?playlist=${before?.id}`)).total).toBe(entries.total + 1)
  })
})

test('closes the admin address unless it is open or the token is right', async () => {
  const closed = await startSimulator({ ...OPTIONS, admin: false })
  expect((await fetch(`${closed.url}/admin/stats`)).status).toBe(404)
  await closed.stop()
  const guarded = await startSimulator({ ...OPTIONS, admin: { token: 'key' } })
  expect((await fetch(`${guarded.url}/admin/stats`)).status).toBe(401)
  const allowed = await fetch(`${guarded.url}/admin/stats`, { headers: { authorization: 'Bearer key' } })
  expect(allowed.status).toBe(200)
  await guarded.stop()
})
