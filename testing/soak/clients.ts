import { Agent, request } from 'node:http'
import { pause, SECOND } from '#lib/core/clock.ts'
import type { Draw } from '#simulator/core/random.ts'
import { connectTo, storm } from '#testing/instances/storm.ts'

/** What a crowd of listeners, scripts and strangers sends: a mix of what works, what is wrong and what is given up. */

export interface Crowd {
  origin: string
  /** The Cookie header of each listener. */
  cookies: string[]
}

type Action = (crowd: Crowd, draw: Draw) => Promise<void>

const PUBLIC = [
  '/',
  '/sign-in',
  '/setup',
  '/guide',
  '/privacy',
  '/api/health',
  '/api/setup',
  '/nothing',
  '/api/nothing',
]
const PAGES = ['/overview', '/top/tracks', '/top/artists', '/runs', '/connections', '/settings']
const CHARTS = [
  'figures,last-week',
  'top-tracks&range=short',
  'top-artists&range=long',
  'recent-plays',
  'top-tracks-ranks',
]
const BODIES = ['{', '[]', '{"clientId": "\\u0000"}', '"text"', `{"code": "${'x'.repeat(5000)}"}`]

// Connections end with their request, so that none is left to be counted between the rounds.
const agent = new Agent({ keepAlive: false })

const pick = <T>(choices: readonly T[], draw: Draw): T => choices[Math.floor(draw() * choices.length)] as T

/** Sends a request and reads the response, or leaves after `leaveMs`. */
function send(
  { origin }: Crowd,
  path: string,
  {
    method = 'GET',
    cookie = '',
    body,
    leaveMs,
  }: { method?: string; cookie?: string; body?: string; leaveMs?: number } = {},
): Promise<void> {
  return new Promise((done) => {
    const sent = request(new URL(path, origin), { agent, method, headers: cookie ? { cookie } : {} }, (response) => {
      response.resume().on('end', done).on('error', done)
    })
    // The instance may refuse, end or delay any of these; only what stays of them counts.
    sent.on('error', () => done()).on('close', done)
    sent.setTimeout(60 * SECOND, () => sent.destroy())
    if (leaveMs !== undefined) setTimeout(() => sent.destroy(), leaveMs)
    sent.end(body)
  })
}

const ACTIONS: [weight: number, action: Action][] = [
  [4, (crowd, draw) => send(crowd, pick(PUBLIC, draw))],
  [6, (crowd, draw) => send(crowd, pick(PAGES, draw), { cookie: pick(crowd.cookies, draw) })],
  [8, (crowd, draw) => send(crowd, `/api/charts?names=${pick(CHARTS, draw)}`, { cookie: pick(crowd.cookies, draw) })],
  [2, (crowd, draw) => send(crowd, '/api/runs?limit=100', { cookie: pick(crowd.cookies, draw) })],
  [
    2,
    (crowd, draw) =>
      send(crowd, pick(['/api/setup', '/api/spotify-app', '/api/runs'], draw), {
        method: 'POST',
        body: pick(BODIES, draw),
      }),
  ],
  [
    2,
    (crowd, draw) =>
      send(crowd, '/api/settings', { method: 'PUT', body: pick(BODIES, draw), cookie: pick(crowd.cookies, draw) }),
  ],
  [
    2,
    (crowd, draw) =>
      send(crowd, `/api/charts?names=${Math.floor(draw() * 1e9)}`, {
        cookie: `tracklake-real.session-token=${draw()}`,
      }),
  ],
  [3, (crowd, draw) => send(crowd, pick(PAGES, draw), { cookie: pick(crowd.cookies, draw), leaveMs: draw() * 50 })],
  [
    3,
    (crowd, draw) =>
      send(crowd, `/api/charts?names=${pick(CHARTS, draw)}`, {
        cookie: pick(crowd.cookies, draw),
        leaveMs: draw() * 20,
      }),
  ],
  [
    1,
    async ({ origin }, draw) => {
      await storm(origin, 2, {
        path: pick(['/api/setup', '/sign-in', '/api/inngest'], draw),
        bytes: 100_000 + draw() * 3_000_000,
        isChunked: draw() < 0.5,
      })
    },
  ],
  [
    1,
    async ({ origin }, draw) => {
      const socket = await connectTo(origin).catch(() => undefined)
      if (!socket) return
      socket
        .resume()
        .write(pick(['G', 'POST /api/setup HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n', '\u0000\r\n\r\n'], draw))
      await pause(draw() * 200)
      socket.destroy()
    },
  ],
]

const WEIGHTED = ACTIONS.flatMap(([weight, action]) => Array.from({ length: weight }, () => action))

/** Does one thing after the other until `signal` aborts. @returns how many */
export async function act(crowd: Crowd, draw: Draw, signal: AbortSignal): Promise<number> {
  let done = 0
  for (; !signal.aborted; done++) await pick(WEIGHTED, draw)(crowd, draw)
  return done
}
