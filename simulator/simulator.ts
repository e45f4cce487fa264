import { createServer, type Server, type ServerResponse } from 'node:http'
import { type Clock, now as realNow, SECOND } from '#lib/core/clock.ts'
import { log } from '#lib/core/log.ts'
import { createAccounts } from './accounts/accounts.ts'
import { createTokens } from './accounts/tokens.ts'
import { createApiObjects } from './api/objects.ts'
import { apiError, HttpError, type HttpResponse } from './core/http.ts'
import { type Admin, countedAs, dispatch, isWebApi } from './dispatch.ts'
import { World } from './world/world.ts'

interface SimulatorOptions {
  /** 0 picks a free one. */
  port: number
  seed: number
  clientId: string
  clientSecret: string
  now?: Clock
  /** Delays every response of the Web API and the accounts service. */
  latencyMs?: number
  /** Requests to the Web API per rolling window and app. */
  rateWindow?: { seconds: number; requests: number }
  admin?: Admin
}

export interface Simulator {
  /** `http://127.0.0.1:port`: the accounts service. The Web API is below `/v1`. */
  url: string
  port: number
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
const DEFAULT_WINDOW = { seconds: 30, requests: 100_000 }
const HEADERS_DEADLINE_MS = 15 * SECOND
const REQUEST_DEADLINE_MS = 30 * SECOND
/** Far more connections than an instance opens. */
const MAX_CONNECTIONS = 512

/** Starts a simulated Spotify that listens on the loopback interface only. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { seed, clientId, clientSecret, latencyMs = 0, rateWindow = DEFAULT_WINDOW, admin = false } = options
  const server = createServer({
    headersTimeout: HEADERS_DEADLINE_MS,
    requestTimeout: REQUEST_DEADLINE_MS,
    connectionsCheckingInterval: SECOND,
  })
  server.maxConnections = MAX_CONNECTIONS
  const port = await listen(server, options.port)
  const url = `http://${HOST}:${port}`

  const world = new World({
    seed,
    clock: options.now ?? realNow,
    latencyMs,
    window: rateWindow,
    app: { clientId, clientSecret },
  })
  const tokens = createTokens(seed, clientId, clientSecret)
  const accounts = createAccounts({ tokens, world })
  const parts = { world, tokens, accounts, objects: createApiObjects(world.simulation.catalog, url), admin }

  server.on('request', async (request, response) => {
    const target = request.url ?? '/'
    const address = new URL(URL.canParse(target, url) ? target : '/', url)
    observe(world, address.pathname, response)
    const reply = await dispatch(parts, request, response, address).catch((error) =>
      error instanceof HttpError ? error.response : unexpected(error),
    )
    if (reply) send(response, reply)
  })

  return { url, port, stop: () => stop(server) }
}

/** Counts a request until its response has ended, however it ends. */
function observe(world: World, path: string, response: ServerResponse): void {
  const group = countedAs(path)
  if (group === undefined) return
  const end = world.stats.start(group, isWebApi(path))
  response.on('close', () => end(response.headersSent ? response.statusCode : 0))
}

function unexpected(error: unknown): HttpResponse {
  log.error('The simulated Spotify failed', { error })
  return apiError(500, 'The simulated Spotify failed')
}

function send(response: ServerResponse, { status, type, body, headers }: HttpResponse): void {
  if (response.destroyed) return
  const content = Buffer.from(body)
  const contentHeaders = status === 204 ? {} : { 'content-type': type, 'content-length': content.length }
  response.writeHead(status, { ...contentHeaders, 'x-content-type-options': 'nosniff', ...headers })
  response.end(status === 204 ? undefined : content)
}

/** @returns the port */
function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    // Including those that a fault holds open.
    server.closeAllConnections()
  })
}
