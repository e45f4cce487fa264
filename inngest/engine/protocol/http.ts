import http from 'node:http'
import { SECOND } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { CheckpointRequest, EventRequest, type IncomingEvent } from './messages.ts'
import { bearerOf, sameSecret } from './signing.ts'

/** How the engine handles the requests of the app's SDK. */
export interface Handlers {
  /** @returns the ids of the events */
  accept(events: IncomingEvent[], seed: string | undefined): Promise<string[]>
  /** @returns false when the call that sent these steps has been superseded */
  checkpoint(runId: string, request: CheckpointRequest): Promise<boolean>
  /** Fetches the app's functions right away. */
  register(): Promise<Registered>
  health(): object
}

/** Inngest's response to a registration. */
export interface Registered {
  ok: boolean
  status: number
  modified?: boolean
  error?: string
}

interface ServerOptions {
  port: number
  eventKey: string
  signingKey: string
}

const MAX_BODY_BYTES = 8 * 1024 * 1024
/** Far more connections than the web processes of an instance open. */
const MAX_CONNECTIONS = 256

async function readJson(request: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  // Without destroyOnReturn, a refusal would close the connection before its response is sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length
    if (size > MAX_BODY_BYTES)
      throw new Refused(413, 'too-large', 'The body is too large.', 'Send at most 8 MB at once.')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    throw new Refused(400, 'not-json', "The body isn't JSON.", 'Send JSON.')
  }
}

function validated<T>(read: { success: true; data: T } | { success: false; error: Error }): T {
  if (read.success) return read.data
  throw new Refused(400, 'bad-shape', 'The body has an unexpected shape.', read.error.message)
}

const unauthorised = () =>
  new Refused(401, 'unauthorised', 'The key is wrong or missing.', 'Use the key of this instance.')

async function handle(request: http.IncomingMessage, options: ServerOptions, handlers: Handlers): Promise<object> {
  const { eventKey, signingKey } = options
  const [path = '/'] = (request.url ?? '/').split('?')
  const header = (name: string) => request.headers[name]?.toString()
  if (request.method === 'GET' && path === '/health') return handlers.health()

  const key = /^\/e\/([^/]+)$/.exec(path)?.[1]
  if (request.method === 'POST' && key !== undefined) {
    if (!sameSecret(key, eventKey)) throw unauthorised()
    const events = validated(EventRequest.safeParse(await readJson(request)))
    return { ids: await handlers.accept(events, header('x-inngest-event-id-seed')), status: 200 }
  }

  if (!sameSecret(header('authorization'), bearerOf(signingKey))) throw unauthorised()
  // The body is ignored: the engine fetches the functions itself, over a request that both sides authenticate.
  if (request.method === 'POST' && path === '/fn/register') return handlers.register()
  const runId = /^\/v1\/checkpoint\/([^/]+)\/async$/.exec(path)?.[1]
  if (request.method === 'POST' && runId !== undefined) {
    const checkpoint = validated(CheckpointRequest.safeParse(await readJson(request)))
    // On 409 the SDK stops this call at once.
    if (await handlers.checkpoint(runId, checkpoint)) return {}
    throw new Refused(409, 'stale', 'This call has been superseded.', 'Stop it; the run continues elsewhere.')
  }
  throw new Refused(
    404,
    'unknown',
    "The embedded engine doesn't have this endpoint.",
    'Use Inngest itself for the rest of its API.',
  )
}

function toRefused(error: unknown): Refused {
  if (error instanceof Refused) return error
  log.error('the engine failed to handle a request', { error })
  return new Refused(
    500,
    'engine',
    'The engine failed to handle this request.',
    'Try again; see the log of the engine.',
  )
}

async function respond(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  options: ServerOptions,
  handlers: Handlers,
): Promise<void> {
  let status = 200
  let body: object
  try {
    body = await handle(request, options, handlers)
  } catch (error) {
    const { status: code, message, remedy } = toRefused(error)
    status = code
    body = { error: `${message} ${remedy}`, status: code }
  }
  // The rest of a rejected body isn't read.
  const headers = request.complete ? {} : { connection: 'close' }
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** Listens on the loopback address only. @throws when the port is taken */
export function listen(options: ServerOptions, handlers: Handlers): Promise<http.Server> {
  const server = http.createServer(
    {
      headersTimeout: 15 * SECOND,
      requestTimeout: 30 * SECOND,
      connectionsCheckingInterval: SECOND,
      keepAliveTimeout: 60 * SECOND,
    },
    (request, response) => {
      void respond(request, response, options, handlers)
    },
  )
  server.maxConnections = MAX_CONNECTIONS
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', () => resolve(server))
  })
}
