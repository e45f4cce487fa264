import type { z } from 'zod'
import type { RefusalCode } from '#lib/core/errors.ts'
import type { TokenScope } from './lists.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/**
 * Who may call an endpoint.
 * `public`: anybody. `setup`: anybody while nothing is set up, else admins; a change also needs this machine or the
 * code. `listener`: a session. `listener or invite`: also a visitor who sends the link of an open invite. `admin`: a session
 * of an admin; for others the address does not exist. A token scope: a session, or a token with that scope.
 */
export type Access = 'public' | 'setup' | 'listener' | 'listener or invite' | 'admin' | { token: TokenScope }

/** One method of one address: everything that its route, the browser, the docs and the tests need to know. */
export interface Endpoint {
  method: Method
  /** With the placeholders of its folder: /api/runs/[id]. */
  path: `/api/${string}`
  /** One line for the docs. */
  summary: string
  access: Access
  /** What is addressed belongs to one listener: who sees it. Without it the caller's own is answered. */
  visibleTo?: 'owner' | 'owner and admins'
  query?: z.ZodType
  /** Of a change; without it an empty object. */
  body?: z.ZodType
  response: z.ZodType
  /** Statuses of a good response, the usual one first; 200 without it. */
  statuses?: readonly [number, ...number[]]
  /** Why it may refuse, beyond what follows from access, query and body. */
  errors?: readonly RefusalCode[]
}

/** Declares an endpoint and keeps its exact type. */
export function defineEndpoint<const Declared extends Endpoint>(endpoint: Declared): Declared {
  return endpoint
}

type Placeholders<Path extends string> = Path extends `${string}[${infer Name}]${infer Rest}`
  ? Name | Placeholders<Rest>
  : never

/** The placeholders of its path. */
export type ParamsOf<E extends Endpoint> = Record<Placeholders<E['path']>, string>

/** The query as it is sent, and as the route gets it. */
export type QueryInputOf<E extends Endpoint> = E['query'] extends z.ZodType ? z.input<E['query']> : undefined
export type QueryOf<E extends Endpoint> = E['query'] extends z.ZodType ? z.output<E['query']> : undefined

/** The body as it is sent, and as the route gets it. */
export type BodyInputOf<E extends Endpoint> = E['body'] extends z.ZodType ? z.input<E['body']> : undefined
export type BodyOf<E extends Endpoint> = E['body'] extends z.ZodType ? z.output<E['body']> : undefined

export type ResponseOf<E extends Endpoint> = z.output<E['response']>

export type StatusOf<E extends Endpoint> = E['statuses'] extends readonly number[] ? E['statuses'][number] : 200

/** What the browser knows of an endpoint: where it is. Its types come along without its schemas. */
export interface EndpointAddress<E extends Endpoint> {
  method: E['method']
  path: E['path']
  /** Never set: it carries the types. */
  readonly types?: E
}
