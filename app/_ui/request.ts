import type { BodyInputOf, Endpoint, EndpointAddress, ParamsOf, QueryInputOf, ResponseOf } from '#lib/api/endpoint.ts'
import type { ErrorResponse } from '#lib/api/shapes.ts'

/** Longer than almost any endpoint takes, so that a lost connection fails. */
const DEADLINE_MS = 20_000

/** A failed request, with a remedy. */
export class RequestProblem extends Error {
  /** 0 if there was no response. */
  readonly status: number
  readonly remedy: string
  /** Problems of single fields, by name. */
  readonly fields: Record<string, string>
  /** The error code of the API; null without an error response. */
  readonly code: string | null

  constructor(
    status: number,
    message: string,
    remedy: string,
    { fields = {}, code = null }: { fields?: Record<string, string> | undefined; code?: string | null } = {},
  ) {
    super(message)
    this.name = 'RequestProblem'
    this.status = status
    this.remedy = remedy
    this.fields = fields
    this.code = code
  }
}

function isErrorResponse(body: unknown): body is ErrorResponse {
  return typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'object'
}

async function problemOf(response: Response): Promise<RequestProblem> {
  const body: unknown = await response.json().catch(() => null)
  return isErrorResponse(body)
    ? new RequestProblem(response.status, body.error.message, body.error.remedy, body.error)
    : new RequestProblem(response.status, `The app returned status ${response.status}.`, 'Try again in a minute.')
}

interface AnyTarget {
  params?: Record<string, string>
  query?: unknown
}

/** Path parameters and query of an endpoint, as far as it has any. */
export type Target<E extends Endpoint> = (keyof ParamsOf<E> extends never
  ? { params?: undefined }
  : { params: ParamsOf<E> }) &
  (undefined extends QueryInputOf<E>
    ? { query?: undefined }
    : Record<never, never> extends QueryInputOf<E>
      ? { query?: QueryInputOf<E> }
      : { query: QueryInputOf<E> })

/** The URL of an endpoint with path parameters and query. */
export function urlOf({ path }: { path: string }, { params = {}, query }: AnyTarget): string {
  const filled = Object.entries(params).reduce(
    (rest, [name, value]) => rest.replace(`[${name}]`, encodeURIComponent(value)),
    path,
  )
  const values = Object.entries(query ?? {}).flatMap(([name, value]: [string, unknown]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return values.length > 0 ? `${filled}?${new URLSearchParams(values)}` : filled
}

/** Optional as long as nothing in it is required. */
export type Optional<Options> = Record<never, never> extends Options ? [options?: Options] : [options: Options]

/** The cache key of a response. */
export function keyOf<E extends Endpoint>(endpoint: EndpointAddress<E>, ...[target]: Optional<Target<E>>) {
  return ['api', urlOf(endpoint, (target ?? {}) as Target<E>)]
}

interface RequestOptions<E extends Endpoint> {
  body?: BodyInputOf<E>
  signal?: AbortSignal
  deadlineMs?: number
}

/** Fetches an endpoint. @throws RequestProblem without a response, or on an error response */
export async function request<E extends Endpoint>(
  endpoint: EndpointAddress<E>,
  target: Target<E>,
  options: RequestOptions<E> = {},
): Promise<ResponseOf<E>> {
  return (await requestOk(endpoint, target, options)).json()
}

/** Fetches a file from an endpoint. @throws RequestProblem */
export async function requestFile<E extends Endpoint>(
  endpoint: EndpointAddress<E>,
  target: Target<E>,
  options: RequestOptions<E>,
): Promise<Blob> {
  const response = await requestOk(endpoint, target, options)
  try {
    return await response.blob()
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new RequestProblem(0, 'The file broke off.', 'Try again.')
  }
}

function requestOk<E extends Endpoint>(
  endpoint: EndpointAddress<E>,
  target: Target<E>,
  { body, signal, deadlineMs }: RequestOptions<E>,
): Promise<Response> {
  const { method } = endpoint
  const change =
    method === 'GET' ? {} : { body: JSON.stringify(body ?? {}), headers: { 'content-type': 'application/json' } }
  return fetchOk(urlOf(endpoint, target), { method, signal, ...change }, deadlineMs)
}

/** Fetches JSON from the app. @throws RequestProblem */
export async function fetchJson<Shape>(path: string, init: RequestInit = {}): Promise<Shape> {
  return (await fetchOk(path, init)).json()
}

async function fetchOk(path: string, init: RequestInit, deadlineMs: number = DEADLINE_MS): Promise<Response> {
  const deadline = AbortSignal.timeout(deadlineMs)
  const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline
  let response: Response
  try {
    response = await fetch(path, { ...init, signal, headers: { accept: 'application/json', ...init.headers } })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new RequestProblem(0, 'The app isn’t responding.', 'Check that it’s running and that you’re online.')
  }
  if (!response.ok) throw await problemOf(response)
  return response
}

/** Converts any error into a problem to show. */
export function asProblem(error: unknown): RequestProblem {
  return error instanceof RequestProblem
    ? error
    : new RequestProblem(
        0,
        'The page couldn’t read the response.',
        'Reload the page. If it keeps happening, report it.',
      )
}
