import { z } from 'zod'
import { setupVisitor } from '#app/setup/visitor.ts'
import { canSeeSetup, requireSetupAccess } from '#lib/accounts/setup.ts'
import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResponseOf, StatusOf } from '#lib/api/endpoint.ts'
import type { LimitName } from '#lib/api/limits.ts'
import { refusalsOf } from '#lib/api/refusals.ts'
import type { ErrorResponse } from '#lib/api/shapes.ts'
import { authenticated, authenticatedAdmin, currentListener, type Listener, requireSession } from '#lib/auth/auth.ts'
import { requireRecent } from '#lib/auth/sessions.ts'
import { appUrl, CHECKS_CONTRACTS } from '#lib/core/config.ts'
import { Failure, messageOf, notFound, Refused } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { MAX_BODY_BYTES } from '#lib/core/request-gate.ts'
import { oddPlace } from '#lib/core/storable.ts'
import { bodyOf } from './download.ts'
import { callerOf, listenerCaller, startWithin, withinLimit } from './limit.ts'

const NO_STORE = { 'cache-control': 'no-store' }
const NOTHING = z.object({})

/** The caller; null if the contract lets anyone in without a session. */
type ListenerOf<E extends Endpoint> = E['access'] extends 'public' | 'setup'
  ? null
  : E['access'] extends 'listener or invite'
    ? Listener | null
    : Listener

/** An authorized request that matches its contract. */
interface Call<E extends Endpoint> {
  listener: ListenerOf<E>
  params: ParamsOf<E>
  query: QueryOf<E>
  body: BodyOf<E>
}

/** The handler that a route file exports for a method. */
type Handler<E extends Endpoint> = ((
  request: Request,
  context: { params: Promise<ParamsOf<E>> },
) => Promise<Response>) & { endpoint: E }

/**
 * The handler of an endpoint: authorizes the caller, parses the request, and responds with JSON. Failures become
 * {error: {code, message, remedy}}; the text of unknown errors is never shown.
 * @param work gets the request for the body of an endpoint with `upload`
 * @param statusOf picks one of several success statuses
 */
export function serve<E extends Endpoint>(
  endpoint: E,
  work: (call: Call<E>, request: Request) => Promise<ResponseOf<E>>,
  statusOf: (response: ResponseOf<E>) => StatusOf<E> = () => (endpoint.statuses?.[0] ?? 200) as StatusOf<E>,
): Handler<E> {
  async function handle(request: Request, context: { params: Promise<ParamsOf<E>> }): Promise<Response> {
    try {
      const response = await respond(request, await context.params)
      if (CHECKS_CONTRACTS) endpoint.response.parse(response)
      return Response.json(response, { status: statusOf(response), headers: NO_STORE })
    } catch (error) {
      return errorResponse(CHECKS_CONTRACTS ? declared(endpoint, error) : error)
    }
  }
  async function respond(request: Request, params: ParamsOf<E>): Promise<ResponseOf<E>> {
    const call = await callOf(endpoint, request, params)
    if (!endpoint.limit) return work(call, request)
    return withinLimit(endpoint.limit, callerOf(request, call.listener), () => work(call, request))
  }
  return Object.assign(handle, { endpoint })
}

/** A file of an endpoint with `files`. Its name must be safe in a header. */
interface FileResponse {
  name: string
  mediaType: string
  bytes: AsyncGenerator<Uint8Array, void>
}

/** The handler of an endpoint that returns a file. It counts for its limit until its last byte is sent. */
export function serveFile<E extends Endpoint & { limit: LimitName }>(
  endpoint: E,
  work: (call: Call<E>) => Promise<FileResponse>,
): Handler<E> {
  async function handle(request: Request, context: { params: Promise<ParamsOf<E>> }): Promise<Response> {
    try {
      const call = await callOf(endpoint, request, await context.params)
      // A listener's tokens count together: they read from the same warehouse.
      const caller = call.listener ? listenerCaller(call.listener) : callerOf(request, null)
      const end = startWithin(endpoint.limit, caller)
      const file = await openFile(() => work(call), end)
      return new Response(file.body, { headers: file.headers })
    } catch (error) {
      return errorResponse(CHECKS_CONTRACTS ? declared(endpoint, error) : error)
    }
  }
  return Object.assign(handle, { endpoint })
}

/**
 * The handler of an endpoint that returns JSON, or a file if the caller requests one. It counts for its limit until the
 * response is made or the file's last byte is sent.
 * @param work gets the request, whose signal is aborted when the caller is gone
 */
export function serveJsonOrFile<E extends Endpoint & { limit: LimitName }>(
  endpoint: E,
  work: (call: Call<E>, request: Request) => Promise<ResponseOf<E> | FileResponse>,
): Handler<E> {
  async function handle(request: Request, context: { params: Promise<ParamsOf<E>> }): Promise<Response> {
    try {
      const call = await callOf(endpoint, request, await context.params)
      const end = startWithin(endpoint.limit, callerOf(request, call.listener))
      return await respond(() => work(call, request), end)
    } catch (error) {
      return errorResponse(CHECKS_CONTRACTS ? declared(endpoint, error) : error)
    }
  }
  async function respond(result: () => Promise<ResponseOf<E> | FileResponse>, end: () => void): Promise<Response> {
    const response = await result().catch((error) => {
      end()
      throw error
    })
    if (isFile(response)) {
      const file = await openFile(async () => response, end)
      return new Response(file.body, { headers: file.headers })
    }
    end()
    if (CHECKS_CONTRACTS) endpoint.response.parse(response)
    return Response.json(response, { headers: NO_STORE })
  }
  return Object.assign(handle, { endpoint })
}

function isFile(response: unknown): response is FileResponse {
  return typeof response === 'object' && response !== null && 'bytes' in response && 'mediaType' in response
}

async function openFile(work: () => Promise<FileResponse>, end: () => void) {
  try {
    const { name, mediaType, bytes } = await work()
    const headers = {
      ...NO_STORE,
      'content-type': mediaType,
      'content-disposition': `attachment; filename="${name}"`,
      // It must not be shown by a browser that guesses another type.
      'x-content-type-options': 'nosniff',
    }
    return { headers, body: await bodyOf(bytes, end) }
  } catch (error) {
    end()
    throw error
  }
}

async function callOf<E extends Endpoint>(endpoint: E, request: Request, params: ParamsOf<E>): Promise<Call<E>> {
  const isChange = endpoint.method !== 'GET'
  if (isChange) requireOwnOrigin(request)
  const sent = new SentBody(request, endpoint.maxBodyBytes)
  const listener = await admit(endpoint, sent)
  if (endpoint.recentSignIn) requireRecent(await requireSession())
  requireUsual(params)
  const query = parse(endpoint.query ?? NOTHING, Object.fromEntries(new URL(request.url).searchParams))
  const body = isChange && !endpoint.upload ? parse(endpoint.body ?? NOTHING, await sent.json()) : undefined
  return { listener, params, query, body } as Call<E>
}

/** Authorizes the caller, before parsing the request, so that strangers learn nothing. @throws Refused */
async function admit({ access, method }: Endpoint, body: SentBody): Promise<Listener | null> {
  if (typeof access === 'object') return authenticated(access.token)
  switch (access) {
    case 'public':
      return null
    case 'listener':
      return authenticated()
    case 'admin':
      return authenticatedAdmin()
    case 'listener or invite':
      return (await sentText(body, 'invite')) && !(await currentListener()) ? null : authenticated()
    case 'setup':
      if (method !== 'GET') await requireSetupAccess(await setupVisitor((await sentText(body, 'code'))?.trim() ?? null))
      else if (!(await canSeeSetup(await setupVisitor(null)))) throw notFound()
      return null
  }
}

/** One string field of the body, before the rest is validated. */
async function sentText(body: SentBody, name: string): Promise<string | undefined> {
  const shape = z.looseObject({ [name]: z.string().max(200).optional() })
  return parse(shape, await body.json())[name]
}

/** Turns a refusal that its contract doesn't list into an error that names it. */
function declared(endpoint: Endpoint, error: unknown): unknown {
  if (!(error instanceof Refused) || refusalsOf(endpoint).includes(error.code)) return error
  return new Error(`The contract of ${endpoint.method} ${endpoint.path} does not list "${error.code}"`)
}

/** The response for a failed request. */
export function errorResponse(error: unknown): Response {
  const respond = (status: number, error: ErrorResponse['error'], retryAfterSeconds?: number) =>
    Response.json({ error } satisfies ErrorResponse, {
      status,
      headers: { ...NO_STORE, ...(retryAfterSeconds ? { 'retry-after': String(retryAfterSeconds) } : {}) },
    })
  if (error instanceof Refused) {
    const { status, code, message, remedy, fields, retryAfterSeconds } = error
    return respond(status, { code, message, remedy, ...(fields ? { fields } : {}) }, retryAfterSeconds)
  }
  log.error('a request failed unexpectedly', {
    problem: messageOf(error),
    cause: messageOf(error instanceof Error ? error.cause : ''),
  })
  if (error instanceof Failure) {
    const { message, remedy, recovery } = error
    return respond(recovery === 'stop' ? 500 : 503, { code: `cannot-${recovery}`, message, remedy })
  }
  return respond(500, {
    code: 'unexpected',
    message: 'Something unexpected happened',
    remedy: 'Try again; the log of the web process has the details.',
  })
}

/**
 * Only our own pages may change anything. Another site could make the browser send the cookie, but can't fake the origin.
 * @throws Refused 403
 */
function requireOwnOrigin(request: Request): void {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  const foreign =
    (origin !== null && origin !== new URL(appUrl()).origin) ||
    (site !== null && site !== 'same-origin' && site !== 'none')
  if (foreign)
    throw new Refused(
      403,
      'foreign-origin',
      'This request comes from another site',
      `Open ${appUrl()} and try again there.`,
    )
}

/** @throws Refused 400 for text that nobody types and no store can hold */
export function requireUsual(value: unknown): void {
  const place = oddPlace(value)
  if (!place) return
  const field = place.join('.') || 'The request'
  const message = 'contains a control character or an incomplete character, or is nested too deeply'
  throw new Refused(400, 'bad-request', `"${field}" ${message}`, 'Correct it and send it again.', { [field]: message })
}

function parse<Shape extends z.ZodType>(shape: Shape, value: unknown): z.output<Shape> {
  requireUsual(value)
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Refused(
    400,
    'bad-request',
    `"${issue?.path.join('.') || 'The request'}" is invalid: ${issue?.message}`,
    'Correct it and send it again.',
    Object.fromEntries(parsed.error.issues.map(({ path, message }) => [path.join('.'), message])),
  )
}

/** The body of a request, read only once: a clone would require reading both copies to the end. */
class SentBody {
  readonly #request: Request
  readonly #maxBytes: number
  #json: Promise<unknown> | undefined

  constructor(request: Request, maxBytes = MAX_BODY_BYTES) {
    this.#request = request
    this.#maxBytes = maxBytes
  }

  /** The JSON body of a change. An empty body counts as {}. @throws Refused 400, 413 */
  json(): Promise<unknown> {
    this.#json ??= this.#text().then(parseJson)
    return this.#json
  }

  async #text(): Promise<string> {
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of this.#request.body ?? []) {
      bytes += chunk.length
      if (bytes > this.#maxBytes) throw tooLarge(this.#maxBytes)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  }
}

// The request gate refuses such bodies earlier; this covers servers that run without it.
function tooLarge(maxBytes: number): Refused {
  return new Refused(413, 'too-large', 'The request is too large', `Send at most ${Math.floor(maxBytes / 1024)} kB.`)
}

function parseJson(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    throw new Refused(400, 'bad-json', 'The request is not JSON', 'Send a JSON object.')
  }
}
