import type { BodyInputOf, Endpoint, EndpointAddress, ParamsOf, QueryInputOf, ResponseOf } from '#lib/api/endpoint.ts'
import type { ErrorResponse } from '#lib/api/shapes.ts'

/** No endpoint takes longer than this; a lost connection ends here. */
const DEADLINE_MS = 20_000

/** What an endpoint refused or could not do, with what to do about it. */
export class RequestProblem extends Error {
  /** 0 when there was no response at all. */
  readonly status: number
  readonly remedy: string
  /** What is wrong with single fields, by their name. */
  readonly fields: Record<string, string>

  constructor(status: number, message: string, remedy: string, fields: Record<string, string> = {}) {
    super(message)
    this.name = 'RequestProblem'
    this.status = status
    this.remedy = remedy
    this.fields = fields
  }
}

function isErrorResponse(body: unknown): body is ErrorResponse {
  return typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'object'
}

async function problemOf(response: Response): Promise<RequestProblem> {
  const body: unknown = await response.json().catch(() => null)
  return isErrorResponse(body)
    ? new RequestProblem(response.status, body.error.message, body.error.remedy, body.error.fields)
    : new RequestProblem(response.status, `The app answered with status ${response.status}.`, 'Try again in a minute.')
}

/** Of any endpoint. */
interface AnyTarget {
  params?: Record<string, string>
  query?: unknown
}

/** The placeholders of the path and the query, where the endpoint has some. */
export type Target<E extends Endpoint> = (keyof ParamsOf<E> extends never
  ? { params?: undefined }
  : { params: ParamsOf<E> }) &
  (undefined extends QueryInputOf<E>
    ? { query?: undefined }
    : Record<never, never> extends QueryInputOf<E>
      ? { query?: QueryInputOf<E> }
      : { query: QueryInputOf<E> })

/** The address of an endpoint with everything filled in. */
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

/** Fetches an endpoint. @throws RequestProblem when there is no response, or it is an error */
export function request<E extends Endpoint>(
  endpoint: EndpointAddress<E>,
  target: Target<E>,
  { body, signal }: { body?: BodyInputOf<E>; signal?: AbortSignal } = {},
): Promise<ResponseOf<E>> {
  const { method } = endpoint
  const change =
    method === 'GET' ? {} : { body: JSON.stringify(body ?? {}), headers: { 'content-type': 'application/json' } }
  return fetchJson(urlOf(endpoint, target), { method, signal, ...change })
}

/** Fetches JSON from the app. @throws RequestProblem */
export async function fetchJson<Shape>(path: string, init: RequestInit = {}): Promise<Shape> {
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline
  let response: Response
  try {
    response = await fetch(path, { ...init, signal, headers: { accept: 'application/json', ...init.headers } })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new RequestProblem(0, 'The app does not answer.', 'Look whether it is running and the network is up.')
  }
  if (!response.ok) throw await problemOf(response)
  return response.json()
}

/** Any error as a problem that can be shown. */
export function asProblem(error: unknown): RequestProblem {
  return error instanceof RequestProblem
    ? error
    : new RequestProblem(0, 'The page could not read the answer.', 'Reload the page; if it stays, report it.')
}
