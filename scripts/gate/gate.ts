import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestListener, Server, ServerOptions, ServerResponse } from 'node:http'
import {
  BODY_DEADLINE_MS,
  type BodyRule,
  MAX_BODY_BYTES,
  MAX_COLLECTED_BYTES,
  type RequestGate,
  type Visitor,
} from '#lib/core/request-gate.ts'
import { collectBody, LargeBodies } from './body.ts'
import { Exchange } from './exchange.ts'
import { GatedMessage } from './gated-message.ts'
import { Line } from './line.ts'
import { BUSY, type GateRefusal, LENGTH_REQUIRED, ODD_CHARACTER, tooLarge } from './refusals.ts'
import { Sockets } from './sockets.ts'
import { visitorOf } from './visitor.ts'

/**
 * Sits between Node's HTTP server and Next. Next only gets a request when its body has arrived, so a body that is too
 * large, slow or abandoned costs a connection and a few kB, but doesn't load Next.
 */

export interface GateLimits {
  sockets: number
  /** Requests that a connection may send before the first one is answered (pipelining). */
  requestsPerSocket: number
  headersMs: number
  /** How long and how far a refused body is still read, so that its sender receives the refusal. */
  lingerMs: number
  lingerBytes: number
  /** How long a connection may be silent while its request is handled or its response is read. */
  silentMs: number
  /** The same for calls of functions: a slice may sleep for a rate window, and the engine gives up after 15 minutes. */
  functionMs: number
  /** The total for all bodies above the default limit while they arrive. */
  largeBodiesBytes: number
  /** How many requests run at once without a session or token, and how many with one. The others wait. */
  strangers: number
  known: number
  waitMs: number
}

const LIMITS: GateLimits = {
  sockets: 512,
  requestsPerSocket: 16,
  headersMs: 15_000,
  lingerMs: 5_000,
  lingerBytes: 16 * 1024 * 1024,
  silentMs: 120_000,
  functionMs: 16 * 60_000,
  largeBodiesBytes: 24 * 1024 * 1024,
  strangers: 16,
  known: 64,
  waitMs: 10_000,
}

/** How often Node checks for connections whose headers are late. */
const CHECK_EVERY_MS = 1_000
/** How long an abandoned request counts as running, unless Next finishes it earlier. */
const ABANDONED_MS = 30_000

/**
 * Encoded control characters, except tab and line breaks. Postgres and files can't take U+0000, and Next would hand it to
 * pages, routes and next-auth alike. app/api/serve.ts checks bodies.
 */
const ODD = /%(?:0[0-8bcef]|1[0-9a-f]|7f)/i
/** Browsers send the cookies of other applications on the same host or domain, too. Nothing reads those. */
const OWN_COOKIE = /^\s*(?:__\w+-)?tracklake-/

/** Exempt: its callers limit themselves, and each call may take many minutes. */
const FUNCTIONS = '/api/inngest'
/** Exempt: it is cheap, and needed when everything else is busy. */
const NEVER_WAITS = /^\/(api\/(inngest|health)$|_next\/static\/)/

export class Gate implements RequestGate {
  readonly #limits: GateLimits
  readonly #visitors = new AsyncLocalStorage<Visitor>()
  readonly #sockets: Sockets
  readonly #strangers: Line
  readonly #known: Line
  readonly #largeBodies: LargeBodies
  #rules: { method: string; pattern: RegExp; rule: BodyRule }[] = []

  constructor(limits: Partial<GateLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits }
    this.#sockets = new Sockets(this.#limits.sockets)
    this.#strangers = new Line(this.#limits.strangers)
    this.#known = new Line(this.#limits.known)
    this.#largeBodies = new LargeBodies(this.#limits.largeBodiesBytes)
  }

  setRules(rules: readonly BodyRule[]): void {
    this.#rules = rules.map((rule) => ({
      method: rule.method,
      pattern: new RegExp(`^${rule.path.replaceAll(/\[\w+\]/g, '[^/]+')}$`),
      rule,
    }))
  }

  visitor(): Visitor | undefined {
    return this.#visitors.getStore()
  }

  /** The options with which a guarded server is created. */
  options(options: ServerOptions = {}): ServerOptions {
    return {
      ...options,
      IncomingMessage: GatedMessage as unknown as ServerOptions['IncomingMessage'],
      headersTimeout: this.#limits.headersMs,
      requestTimeout: 0, // bodies have deadlines of their own
      connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, this.#limits.headersMs),
    }
  }

  /** Guards a server that was created with `options()`: requests that may pass reach `listener`. */
  guard(server: Server, listener: RequestListener): void {
    const receive = (request: GatedMessage, response: ServerResponse, expectsContinue: boolean) =>
      this.#receive(new Exchange(request, response), expectsContinue, () => listener(request, response))
    server.on('connection', (socket) => this.#sockets.add(socket))
    server.on('request', (request, response) => receive(request as GatedMessage, response, false))
    server.on('checkContinue', (request, response) => receive(request as GatedMessage, response, true))
  }

  #receive(exchange: Exchange, expectsContinue: boolean, handle: () => unknown): void {
    const { request, response } = exchange
    const { socket, headers } = request
    const visitor = visitorOf(request)
    if (!this.#sockets.open(socket, exchange, this.#limits.requestsPerSocket)) {
      socket.destroy()
      return
    }
    response.once('close', () => exchange.end())

    const { maxBytes, deadlineMs } = this.#ruleOf(exchange)
    const length = Number(headers['content-length'] ?? 0)
    const hasUnknownLength = headers['transfer-encoding'] !== undefined
    const isCollected = maxBytes <= MAX_COLLECTED_BYTES
    const pass = () => this.#pass(exchange, visitor, handle, deadlineMs)
    if (ODD.test(request.url ?? '') || hasOddCookie(headers.cookie ?? '')) {
      this.#refuse(exchange, ODD_CHARACTER)
      return
    }
    if (length > maxBytes) {
      this.#refuse(exchange, tooLarge(maxBytes))
      return
    }
    if (hasUnknownLength && !isCollected) {
      this.#refuse(exchange, LENGTH_REQUIRED)
      return
    }
    if (expectsContinue) response.writeContinue()
    if ((length === 0 && !hasUnknownLength) || !isCollected) {
      pass()
      return
    }
    collectBody(exchange, {
      length,
      maxBytes,
      deadlineMs,
      largeBodies: this.#largeBodies,
      refuse: (refusal) => this.#refuse(exchange, refusal),
      done: pass,
    })
  }

  /** Passes the request on as soon as there is room for it. */
  #pass(exchange: Exchange, visitor: Visitor, handle: () => unknown, bodyDeadlineMs: number): void {
    const start = () => this.#start(exchange, visitor, handle, bodyDeadlineMs)
    if (NEVER_WAITS.test(exchange.path)) {
      void start()
      return
    }
    const line = isCredible(exchange.request) ? this.#known : this.#strangers
    const place = line.enter(() => void start().then(() => place.leave()))
    exchange.onEnd(() => {
      // Next keeps working on an abandoned request, so its place isn't free yet.
      const isAbandoned = place.state() === 'running' && !exchange.response.writableFinished
      if (isAbandoned) setTimeout(place.leave, ABANDONED_MS).unref()
      else place.leave()
    })
    if (place.state() === 'running') return
    exchange.deadline(this.#limits.waitMs, () => {
      place.leave()
      this.#refuse(exchange, BUSY)
    })
  }

  /** Resolves when Next is done with the request. */
  async #start(exchange: Exchange, visitor: Visitor, handle: () => unknown, bodyDeadlineMs: number): Promise<void> {
    const { request, path } = exchange
    // For bodies that are streamed.
    exchange.deadline(bodyDeadlineMs, () => request.complete || request.socket.destroy())
    request.socket.setTimeout(path === FUNCTIONS ? this.#limits.functionMs : this.#limits.silentMs)
    this.#sockets.answering(request.socket)
    await this.#visitors.run(visitor, handle)
  }

  #refuse(exchange: Exchange, refusal: GateRefusal): void {
    exchange.refuse(refusal, this.#limits)
  }

  #ruleOf({ request: { method }, path }: Exchange): Pick<BodyRule, 'maxBytes' | 'deadlineMs'> {
    const found = this.#rules.find((known) => known.method === method && known.pattern.test(path))
    return found?.rule ?? { maxBytes: MAX_BODY_BYTES, deadlineMs: BODY_DEADLINE_MS }
  }
}

function hasOddCookie(cookies: string): boolean {
  return cookies.split(';').some((cookie) => OWN_COOKIE.test(cookie) && ODD.test(cookie))
}

/** Whether the request claims to have a session or a token. Only the routes can validate it. */
function isCredible({ headers }: GatedMessage): boolean {
  return headers.authorization !== undefined || /session-token=/.test(headers.cookie ?? '')
}
