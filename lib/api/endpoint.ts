import type { z } from 'zod'
import type { RefusalCode } from '#lib/core/errors.ts'
import type { LimitName } from './limits.ts'
import type { TokenScope } from './lists.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/**
 * Who may call an endpoint.
 * `public`: anyone. `setup`: anyone before the first sign-up, then only admins; changes also require this machine or the
 * setup code. `listener`: a session. `listener or invite`: also a visitor with an open invite. `admin`: an admin's
 * session; others get 404. A token scope: a session, or a token with that scope.
 */
export type Access = 'public' | 'setup' | 'listener' | 'listener or invite' | 'admin' | { token: TokenScope }

/** One method of one path: everything that its route, the browser, the docs and the tests need to know. */
export interface Endpoint {
  method: Method
  /** With the placeholders of its folder: /api/runs/[id]. */
  path: `/api/${string}`
  /** One line for the docs. */
  summary: string
  access: Access
  /**
   * Whether the caller must have signed in or confirmed within 15 minutes. For endpoints that create or change secrets.
   */
  recentSignIn?: true
  /** Who can see the addressed resource. If omitted, the endpoint returns the caller's own data. */
  visibleTo?: 'owner' | 'owner and admins'
  query?: z.ZodType
  /** The body of a change; an empty object if omitted. */
  body?: z.ZodType
  /** The body is a form with files instead of JSON (multipart/form-data); `body` describes it. The route reads it. */
  upload?: true
  /** The largest body; 64 kB if omitted. Bodies up to 8 MB reach the route complete; larger ones are streamed. */
  maxBodyBytes?: number
  /** The time from the end of the headers to the end of the body; 20 s if omitted. */
  bodyDeadlineMs?: number
  /** How often one caller may call it; omitted for cheap endpoints. */
  limit?: LimitName
  response: z.ZodType
  /** Media types, if the response is a file of one of these instead of JSON, or can be; `response` is unknown if it always is. */
  files?: readonly string[]
  /** Success statuses, the usual one first; 200 if omitted. */
  statuses?: readonly [number, ...number[]]
  /** Error codes besides those that access, query and body imply. */
  errors?: readonly RefusalCode[]
}

/** Declares an endpoint and keeps its exact type. */
export function defineEndpoint<const Declared extends Endpoint>(endpoint: Declared): Declared {
  return endpoint
}

type Placeholders<Path extends string> = Path extends `${string}[${infer Name}]${infer Rest}`
  ? Name | Placeholders<Rest>
  : never

/** The path parameters of an endpoint. */
export type ParamsOf<E extends Endpoint> = Record<Placeholders<E['path']>, string>

/** The query as the caller sends it, and as the route receives it. */
export type QueryInputOf<E extends Endpoint> = E['query'] extends z.ZodType ? z.input<E['query']> : undefined
export type QueryOf<E extends Endpoint> = E['query'] extends z.ZodType ? z.output<E['query']> : undefined

/** The body as the caller sends it, and as the route receives it. */
export type BodyInputOf<E extends Endpoint> = E['body'] extends z.ZodType ? z.input<E['body']> : undefined
export type BodyOf<E extends Endpoint> = E['body'] extends z.ZodType ? z.output<E['body']> : undefined

export type ResponseOf<E extends Endpoint> = z.output<E['response']>

export type StatusOf<E extends Endpoint> = E['statuses'] extends readonly number[] ? E['statuses'][number] : 200

/** What the browser imports of an endpoint: its address and types, without its schemas. */
export interface EndpointAddress<E extends Endpoint> {
  method: E['method']
  path: E['path']
  /** Never set; only carries the types. */
  readonly types?: E
}
