import type { IncomingMessage } from 'node:http'
import type { Json } from '#lib/core/table.ts'

export type JsonObject = { [name: string]: Json }

export interface HttpResponse {
  status: number
  type: string
  body: string
  headers?: Record<string, string>
}

/** Ends a request with this response. */
export class HttpError extends Error {
  readonly response: HttpResponse

  constructor(response: HttpResponse) {
    super(`Responded with ${response.status}`)
    this.name = 'HttpError'
    this.response = response
  }
}

export function json(status: number, value: Json, headers: Record<string, string> = {}): HttpResponse {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value), headers }
}

export function text(status: number, body: string, headers: Record<string, string> = {}): HttpResponse {
  return { status, type: 'text/plain; charset=utf-8', body, headers }
}

export function html(status: number, body: string, headers: Record<string, string> = {}): HttpResponse {
  return { status, type: 'text/html; charset=utf-8', body, headers }
}

/** The error body of the Web API. Only some errors have a `reason`. */
export function apiError(
  status: number,
  message: string,
  reason?: string,
  headers: Record<string, string> = {},
): HttpResponse {
  return json(status, { error: reason ? { status, message, reason } : { status, message } }, headers)
}

/** Reads a body of at most `limit` bytes. @throws HttpError 413 if it is longer */
export async function readBody(request: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  // Without destroyOnReturn, a refusal would close the connection before its response is sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk)
    length += bytes.length
    if (length > limit) throw new HttpError(text(413, 'The body is too long'))
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}
