import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import { apiError, HttpError, type HttpResponse, html, json, text } from '#simulator/core/http.ts'
import { LIST_EDITS, type ListEdit } from './list-edits.ts'

/** Broken responses, queued by tests. */

const DAY_SECONDS = 86_400

const FAULT = z.discriminatedUnion('kind', [
  /** The 30 s window. `plain` is the gateway's text. */
  z.object({
    kind: z.literal('rate-limit'),
    retryAfter: z.number().int().min(0).default(1),
    body: z.enum(['json', 'plain']).default('json'),
  }),
  /** The daily quota of the developer account. */
  z.object({ kind: z.literal('quota'), retryAfter: z.number().int().min(0).nullable().default(DAY_SECONDS) }),
  z.object({
    kind: z.literal('status'),
    status: z.number().int().min(400).max(599),
    message: z.string().default('Server error'),
  }),
  /** The connection is held until the client gives up. */
  z.object({ kind: z.literal('time-out') }),
  /** The connection breaks in the middle of the body. */
  z.object({ kind: z.literal('cut') }),
  z.object({ kind: z.literal('html') }),
  z.object({ kind: z.literal('not-json') }),
  z.object({ kind: z.literal('malformed-json') }),
  z.object({ kind: z.literal('expired-token') }),
  /** The accounts service's refusal of a token that it issued. */
  z.object({ kind: z.literal('invalid-grant') }),
  /** A body of the test's own, for example with values that make no sense. */
  z.object({ kind: z.literal('body'), body: z.string(), status: z.number().int().min(200).max(599).default(200) }),
  ...LIST_EDITS,
])

type Fault = z.infer<typeof FAULT>

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text))
  } catch {
    return false
  }
}

export const QUEUED_FAULT = z.object({
  match: z
    .object({
      /** A regular expression for path and query, for example `/me/tracks.*offset=50`. */
      path: z.string().max(200).refine(isPattern, 'is not a regular expression').default(''),
      listener: z.string().optional(),
    })
    .prefault({}),
  /** How many requests it affects. */
  times: z.number().int().min(1).max(1_000_000).default(1),
  /** How many matching requests it lets through first. */
  after: z.number().int().min(0).default(0),
  fault: FAULT,
})

type QueuedFault = z.infer<typeof QUEUED_FAULT>

const MAX_QUEUED = 1000

export class FaultQueue {
  #queue: { path: RegExp; queued: QueuedFault }[] = []

  add(queued: QueuedFault): void {
    if (this.#queue.length >= MAX_QUEUED)
      throw new HttpError(apiError(400, `More than ${MAX_QUEUED} faults are queued`))
    this.#queue.push({ path: new RegExp(queued.match.path), queued: { ...queued } })
  }

  clear(): void {
    this.#queue = []
  }

  /** The first queued fault that matches this request, if any. */
  take(pathAndQuery: string, listener: string | undefined): Fault | undefined {
    const met = this.#queue.find(
      ({ path, queued }) =>
        path.test(pathAndQuery) && (queued.match.listener === undefined || queued.match.listener === listener),
    )
    if (!met) return undefined
    if (met.queued.after > 0) {
      met.queued.after--
      return undefined
    }
    met.queued.times--
    if (met.queued.times === 0) this.#queue = this.#queue.filter((other) => other !== met)
    return met.queued.fault
  }
}

/** 429 of the rolling window. */
export function rateLimited(retryAfter: number, body: 'json' | 'plain'): HttpResponse {
  const headers = { 'retry-after': String(retryAfter) }
  return body === 'plain'
    ? text(429, 'Too many requests', headers)
    : apiError(429, 'API rate limit exceeded', undefined, headers)
}

/** A fault's response, or undefined if it holds or breaks the connection (see `breakConnection`). */
export function faultResponse(fault: Exclude<Fault, ListEdit>): HttpResponse | undefined {
  switch (fault.kind) {
    case 'rate-limit':
      return rateLimited(fault.retryAfter, fault.body)
    case 'quota':
      return apiError(
        429,
        'Too many requests',
        'QUOTA_EXCEEDED',
        fault.retryAfter === null ? {} : { 'retry-after': String(fault.retryAfter) },
      )
    case 'status':
      return apiError(fault.status, fault.message)
    case 'html':
      return html(502, '<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>')
    case 'not-json':
      return text(200, 'upstream connect error or disconnect')
    case 'malformed-json':
      return {
        status: 200,
        type: 'application/json; charset=utf-8',
        body: '{"href":"http://127.0.0.1/","items":[{"added_',
      }
    case 'expired-token':
      return apiError(401, 'The access token expired')
    case 'invalid-grant':
      return json(400, { error: 'invalid_grant', error_description: 'Refresh token revoked' })
    case 'body':
      return { status: fault.status, type: 'application/json; charset=utf-8', body: fault.body }
    case 'time-out':
    case 'cut':
      return undefined
  }
}

/** Holds the connection open without a response, or breaks it in the middle of the body. */
export function breakConnection(fault: Fault, response: ServerResponse): void {
  if (fault.kind !== 'cut') return
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': '4096' })
  response.write('{"items":[', () => response.destroy())
}
