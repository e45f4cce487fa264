import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, pause, now as realNow } from '../../../clock.ts'
import { log } from '../../../log.ts'
import { createAccounts } from './accounts.ts'
import { obey } from './admin.ts'
import { artwork } from './artwork.ts'
import { letIn, whose } from './door.ts'
import { breakConnection, faultyAnswer, tooMany } from './faults.ts'
import { type Answer, apiError, Ended, json, readBody, text } from './http.ts'
import { createTokens } from './tokens.ts'
import { truth } from './truth.ts'
import { answer, groupOf } from './web-api.ts'
import { createWire } from './wire.ts'
import { World } from './world.ts'

export interface SimulatorOptions {
  /** 0 takes a free one. */
  port: number
  seed: number
  clientId: string
  clientSecret: string
  now?: Clock
  /** Before every answer of the Web API and the token endpoint. */
  latencyMs?: number
  /** Requests to the Web API per rolling window. */
  rateWindow?: { seconds: number; requests: number }
  /** Opens the admin address; with a token it must be sent as a bearer. */
  admin?: boolean | { token: string }
}

export interface Simulator {
  /** `http://127.0.0.1:port`; the Web API is below `/v1`. */
  url: string
  port: number
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
const LONGEST_BODY = 1_000_000
const GENEROUS = { seconds: 30, requests: 100_000 }
const CACHE_FOR_A_YEAR = { 'cache-control': 'public, max-age=31536000, immutable' }

type Server = ReturnType<typeof createServer>

/** Listens on the loopback interface only. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { seed, clientId, clientSecret, latencyMs = 0, rateWindow = GENEROUS } = options
  const world = new World({ seed, clock: options.now ?? realNow, latencyMs, window: rateWindow })
  const server = createServer()
  await listen(server, options.port)
  const { port } = server.address() as AddressInfo
  const url = `http://${HOST}:${port}`

  const tokens = createTokens(seed, clientId, clientSecret)
  const wire = createWire(world.simulation.catalogue, url)
  const { book, conditions } = world
  const accounts = createAccounts({ clientId, clientSecret, tokens, book, conditions, now: () => world.now() })

  function callWebApi(request: IncomingMessage, asked: URL): Answer {
    const wait = world.window.pass(performance.now())
    if (wait !== undefined) return tooMany(wait, world.window.body)
    const { authorization, 'x-simulated-now': asOf } = request.headers
    const entered = letIn(world, tokens, wire, { url: asked, authorization, asOf: asOf?.toString() })
    const given = answer(request.method ?? 'GET', entered)
    const { listener, path } = entered
    world.changes.pageAnswered(listener.id, groupOf(path), world.simulation.music(listener), world.now())
    return given
  }

  async function callAccounts(request: IncomingMessage, asked: URL): Promise<Answer> {
    if (request.method === 'GET' && asked.pathname === '/authorize') return accounts.ask(asked.searchParams)
    if (request.method !== 'POST') return text(405, 'Method not allowed')
    const form = new URLSearchParams(await readBody(request, LONGEST_BODY))
    return asked.pathname === '/authorize' ? accounts.decide(form) : accounts.token(request.headers.authorization, form)
  }

  function draw(asked: URL): Answer {
    const [kind = '', id = ''] = asked.pathname.split('/').slice(2)
    const size = Math.min(1024, Math.max(16, Number(asked.searchParams.get('size')) || 300))
    return { status: 200, type: 'image/svg+xml', body: artwork(kind, id, size), headers: CACHE_FOR_A_YEAR }
  }

  async function callAdmin(request: IncomingMessage, asked: URL): Promise<Answer> {
    checkAdmin(options.admin, request)
    if (request.method === 'POST') return json(200, obey(world, accounts, await readBody(request, LONGEST_BODY)))
    if (asked.pathname === '/admin/stats') return json(200, world.stats.read())
    const [, , , id = '', subject = ''] = asked.pathname.split('/')
    const listener = world.simulation.listener(id)
    if (!listener) return apiError(404, `There is no listener ${id}`)
    const music = world.changes.applied(listener.id, world.simulation.music(listener))
    const at = Date.parse(asked.searchParams.get('at') ?? '') || world.now()
    const { catalogue } = world.simulation
    return json(200, truth(subject, { query: asked.searchParams, music, catalogue, at }))
  }

  /** @returns undefined when a fault has taken the connection */
  async function handle(request: IncomingMessage, response: ServerResponse, asked: URL): Promise<Answer | undefined> {
    if (asked.pathname.startsWith('/admin')) return callAdmin(request, asked)
    if (asked.pathname.startsWith('/artwork/')) return draw(asked)
    const isApi = asked.pathname.startsWith('/v1/')
    if (!isApi && !['/authorize', '/api/token'].includes(asked.pathname)) return text(404, 'Not found')
    if (world.latencyMs > 0) await pause(world.latencyMs)
    const fault = world.faults.take(asked.pathname + asked.search, whose(tokens, request.headers.authorization))
    if (fault) {
      const faulty = faultyAnswer(fault)
      if (!faulty) breakConnection(fault, response)
      return faulty
    }
    return isApi ? callWebApi(request, asked) : callAccounts(request, asked)
  }

  /** Counts the request until its answer has ended, however it ends. */
  function observe(asked: URL, response: ServerResponse): void {
    const isApi = asked.pathname.startsWith('/v1/')
    const end = world.stats.begin(
      isApi ? groupOf(asked.pathname.slice('/v1'.length)) : groupOutside(asked.pathname),
      isApi,
    )
    response.on('close', () => end(response.headersSent ? response.statusCode : 0))
  }

  server.on('request', async (request, response) => {
    const asked = new URL(request.url ?? '/', url)
    if (!asked.pathname.startsWith('/admin')) observe(asked, response)
    const given = await handle(request, response, asked).catch((thrown) =>
      thrown instanceof Ended ? thrown.answer : unexpected(thrown),
    )
    if (given) send(response, given)
  })

  return { url, port, stop: () => stop(server) }
}

function groupOutside(path: string): string {
  if (path.startsWith('/artwork/')) return '/artwork'
  return ['/authorize', '/api/token'].includes(path) ? path : '/other'
}

/** Refuses strangers; a page in a browser cannot send JSON to another origin without being allowed to. */
function checkAdmin(admin: SimulatorOptions['admin'], request: IncomingMessage): void {
  if (!admin) throw new Ended(text(404, 'Not found'))
  if (typeof admin === 'object' && request.headers.authorization !== `Bearer ${admin.token}`)
    throw new Ended(text(401, 'The admin token is missing'))
  if (request.method === 'POST' && !request.headers['content-type']?.startsWith('application/json'))
    throw new Ended(text(415, 'Orders are JSON'))
}

function unexpected(thrown: unknown): Answer {
  log.error('The simulation failed to answer', { error: thrown })
  return apiError(500, 'The simulation failed to answer')
}

function send(response: ServerResponse, { status, type, body, headers }: Answer): void {
  if (response.destroyed) return
  const content = Buffer.from(body)
  response.writeHead(status, {
    ...(status === 204 ? {} : { 'content-type': type, 'content-length': content.length }),
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(status === 204 ? undefined : content)
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    // Also those that a fault holds.
    server.closeAllConnections()
  })
}
