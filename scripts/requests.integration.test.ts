import type { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { REQUEST_LIMITS } from '#lib/api/limits.ts'
import { removeTestFolder, startInstance, type TestInstance } from '#testing/instances/instance.ts'
import { processOf } from '#testing/instances/real-instance.ts'
import { connectTo, residentMb, type Shot, sendRaw, storm } from '#testing/instances/storm.ts'

// What strangers send to a complete instance with the built web app.

const KB = 1024
const MB = 1024 * KB
const SOON = { timeout: 60_000, interval: 200 }
/** What the memory of the web process may differ by after many large requests. */
const MAX_GROWTH_MB = 30

let instance: TestInstance

beforeAll(async () => {
  instance = await startInstance({ TRUSTED_PROXIES: '127.0.0.1' })
  await instance.printed('ready on')
  // The first requests compile and allocate what stays.
  for (const path of ['/', '/sign-in', '/setup', '/api/health', '/api/setup']) await fetch(instance.origin + path)
  await postJson('/api/setup', {})
})

afterAll(async () => {
  await instance.stop()
  removeTestFolder(instance.dataFolder)
})

function postJson(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const type = { 'content-type': 'application/json' }
  return fetch(instance.origin + path, { method: 'POST', headers: { ...type, ...headers }, body: JSON.stringify(body) })
}

async function isHealthy(): Promise<boolean> {
  return (await fetch(`${instance.origin}/api/health`)).status === 200
}

function webMemory(): number {
  return residentMb(processOf(instance.dataFolder, 'web') ?? 0)
}

const APP = { clientId: 'a', clientSecret: 'b' }

test.for<[name: string, count: number, shot: Shot]>([
  ['300 bodies of 70 kB for /api/setup', 300, { path: '/api/setup', bytes: 70 * KB }],
  ['300 chunked bodies of 70 kB for /api/setup', 300, { path: '/api/setup', bytes: 70 * KB, isChunked: true }],
  [
    '300 chunked bodies of 70 kB for /api/spotify-app',
    300,
    { path: '/api/spotify-app', bytes: 70 * KB, isChunked: true },
  ],
  ['40 bodies of 9 MB for a page', 40, { path: '/sign-in', bytes: 9 * MB }],
  [
    '40 chunked bodies of 9 MB for the sign-in',
    40,
    { path: '/api/auth/signin/spotify', bytes: 9 * MB, isChunked: true },
  ],
  ['40 bodies of 9 MB for the functions', 40, { path: '/api/inngest', bytes: 9 * MB }],
])('refuses %s and keeps none of their data', async ([, count, shot]) => {
  const before = webMemory()
  const [{ statuses }, healthy] = await Promise.all([storm(instance.origin, count, shot), isHealthy()])
  expect(statuses).toEqual(Array.from({ length: count }, () => 413))
  expect(healthy).toBe(true)
  if (process.platform === 'linux') {
    await vi.waitFor(() => expect(webMemory() - before).toBeLessThanOrEqual(MAX_GROWTH_MB), SOON)
  }
})

test('closes 300 connections that send nothing or half a request, while others get in', async () => {
  const texts = [
    '',
    'GET / HTTP/1.1\r\nHost: x\r\nA: ',
    'POST /api/setup HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1',
  ]
  const sockets: Socket[] = await Promise.all(Array.from({ length: 300 }, () => connectTo(instance.origin)))
  sockets.forEach((socket, index) => {
    socket.resume().write(texts[index % texts.length] ?? '')
  })
  const dripping = setInterval(() => {
    for (const [index, socket] of sockets.entries()) if (index % 3 === 1 && socket.writable) socket.write('x')
  }, 1000)
  expect(await isHealthy()).toBe(true)
  expect((await fetch(`${instance.origin}/sign-in`)).status).toBe(200)
  await vi.waitFor(() => expect(sockets.filter(({ closed }) => !closed)).toHaveLength(0), SOON)
  clearInterval(dripping)
})

test('a body within the limit still reaches its route', async () => {
  const padding = 'x'.repeat(60 * KB)
  const response = await postJson('/api/setup', { ...APP, padding })
  expect(await response.json()).toMatchObject({ saved: false })
})

const FORGED = `x-inngest-signature: t=1&s=${'0'.repeat(64)}`

test('a call of the functions may be large', async () => {
  const shot = { path: '/api/inngest?fnId=a', bytes: 4 * MB, headers: [FORGED] }
  // The route has read it: it isn't JSON.
  expect((await storm(instance.origin, 1, shot)).statuses).toEqual([400])
})

test.for([
  ['not signed', 401, [] as string[]],
  ['not JSON', 400, [FORGED]],
] as const)(
  'refuses 100 large function calls that are %s and keeps none of their data',
  async ([, status, headers]) => {
    const before = webMemory()
    for (let round = 0; round < 10; round++) {
      const { statuses } = await storm(instance.origin, 10, {
        path: '/api/inngest?fnId=a',
        bytes: MB,
        headers: [...headers],
      })
      expect(statuses).toEqual(Array.from({ length: 10 }, () => status))
    }
    if (process.platform === 'linux') {
      await vi.waitFor(() => expect(webMemory() - before).toBeLessThanOrEqual(MAX_GROWTH_MB), SOON)
    }
  },
)

test('does not keep a WebSocket open that nothing serves', async () => {
  const headers = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAA']
  const request = ['GET /nothing HTTP/1.1', `Host: ${new URL(instance.origin).host}`, ...headers, '', '']
  const socket = await connectTo(instance.origin)
  const response = new Promise<string>((done) => {
    socket.once('data', (data) => done(String(data)))
  })
  socket.write(request.join('\r\n'))
  expect(await response).toMatch(/^HTTP\/1\.1 404/)
  socket.destroy()
})

test('a person at this machine sets up without the code', async () => {
  expect((await postJson('/api/setup', APP)).status).toBe(200)
  const state = await (await fetch(`${instance.origin}/api/setup`)).json()
  expect(state).toMatchObject({ needsCode: false })
})

test.for(['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Real-IP', 'Forwarded', 'Via', 'CF-Connecting-IP'])(
  'requires the code if %s shows that the request came through a proxy',
  async (header) => {
    const headers = { [header]: '127.0.0.1' }
    expect((await postJson('/api/setup', APP, headers)).status).toBe(404)
    const state = await (await fetch(`${instance.origin}/api/setup`, { headers })).json()
    expect(state).toMatchObject({ needsCode: true })
  },
)

test('requires the code for HTTP/1.0 and for a name that resolves to this machine', async () => {
  const body = JSON.stringify(APP)
  const post = (version: string, host: string) =>
    sendRaw(
      instance.origin,
      [
        `POST /api/setup HTTP/${version}`,
        `Host: ${host}`,
        'Connection: close',
        `Content-Length: ${body.length}`,
        '',
        body,
      ].join('\r\n'),
    )
  const { host } = new URL(instance.origin)
  expect(await post('1.0', host)).toMatch(/^HTTP\/1\.1 404/)
  expect(await post('1.1', 'rebound.example')).toMatch(/^HTTP\/1\.1 404/)
  expect(await post('1.1', host)).toMatch(/^HTTP\/1\.1 200/)
})

const SIGN_INS = REQUEST_LIMITS['sign-ins'].perMinute

/** Starts sign-ins as one visitor until one is refused. */
async function firstRefusal(headers: Record<string, string>): Promise<{ started: number; refusal: Response | null }> {
  for (let started = 0; started < 2 * SIGN_INS; started++) {
    const response = await fetch(`${instance.origin}/api/auth/signin/spotify`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: '',
      redirect: 'manual',
    })
    if (response.status === 429) return { started, refusal: response }
  }
  return { started: 2 * SIGN_INS, refusal: null }
}

test('limits sign-ins per address reported by the trusted proxy', async () => {
  const { started, refusal } = await firstRefusal({ 'x-forwarded-for': '198.51.100.1, 203.0.113.7' })
  expect(started).toBeGreaterThanOrEqual(SIGN_INS)
  expect(Number(refusal?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect(await refusal?.json()).toMatchObject({ error: { code: 'too-many-requests' } })
  const asBrowser = await firstRefusal({ 'x-forwarded-for': '203.0.113.7', accept: 'text/html,*/*;q=0.8' })
  expect(await asBrowser.refusal?.text()).toContain('/sign-in?problem=too-many-sign-ins')
  // What stands left of the right-most address is anybody's invention.
  const invented = { 'x-forwarded-for': '198.51.100.99, 203.0.113.7' }
  expect((await firstRefusal(invented)).started).toBeLessThan(SIGN_INS)
  const other = await fetch(`${instance.origin}/api/auth/callback/spotify`, {
    headers: { 'x-forwarded-for': '203.0.113.8' },
    redirect: 'manual',
  })
  expect(other.status).toBe(302)
})

test('limits the OpenAPI document, and the response says when to try again', async () => {
  const get = () => fetch(`${instance.origin}/api/openapi.json`, { headers: { 'x-forwarded-for': '203.0.113.20' } })
  const responses = await Promise.all(Array.from({ length: 70 }, get))
  const refused = responses.filter(({ status }) => status === 429)
  expect(refused.length).toBeGreaterThan(0)
  expect(responses.length - refused.length).toBeGreaterThan(0)
  expect(await refused[0]?.json()).toMatchObject({ error: { code: 'too-many-requests' } })
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
})
