import type { IncomingMessage } from 'node:http'
import type { Json } from '#lib/core/table.ts'

/** An answer before it is sent. */
export interface Answer {
  status: number
  type: string
  body: string
  headers?: Record<string, string>
}

/** A request that ends with this answer, thrown from wherever that becomes clear. */
export class Ended extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`Answered with ${answer.status}`)
    this.name = 'Ended'
    this.answer = answer
  }
}

export function json(status: number, value: Json, headers: Record<string, string> = {}): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value), headers }
}

export function text(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return { status, type: 'text/plain; charset=utf-8', body, headers }
}

export function html(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return { status, type: 'text/html; charset=utf-8', body, headers }
}

/** The error body of the Web API; `reason` only where the service gives one. */
export function apiError(
  status: number,
  message: string,
  reason?: string,
  headers: Record<string, string> = {},
): Answer {
  return json(status, { error: reason ? { status, message, reason } : { status, message } }, headers)
}

/** Reads a whole body; a longer one than `limit` bytes is refused. */
export async function readBody(request: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    length += bytes.length
    if (length > limit) throw new Ended(text(413, 'The body is too long'))
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}
