import type { ServerResponse } from 'node:http'
import type { GatedMessage } from './gated-message.ts'
import type { GateRefusal } from './refusals.ts'

/** The pause between two reads of a discarded body, so that many of them leave time for other requests. */
const DROP_EVERY_MS = 10

interface Linger {
  lingerMs: number
  lingerBytes: number
}

/** A request and its response, from the request's headers to the end of the response. */
export class Exchange {
  readonly request: GatedMessage
  readonly response: ServerResponse
  /** The path as sent. Other spellings of a path match no rule. */
  readonly path: string
  readonly #onEnd: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #hasEnded = false

  constructor(request: GatedMessage, response: ServerResponse) {
    this.request = request
    this.response = response
    this.path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  }

  /** Calls back when the exchange ends in any way, or immediately if it already has. */
  onEnd(call: () => void): void {
    if (this.#hasEnded) call()
    else this.#onEnd.push(call)
  }

  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.noDeadline()
    for (const call of this.#onEnd) call()
  }

  /**
   * Sets what happens after `ms`. Replaces the previous deadline, because an exchange waits for one thing at a time.
   */
  deadline(ms: number, call: () => void): void {
    this.noDeadline()
    if (!this.#hasEnded) this.#timer = setTimeout(call, ms).unref()
  }

  noDeadline(): void {
    clearTimeout(this.#timer)
  }

  /**
   * Responds and closes the connection. If the body is still arriving, it is read and discarded first: closing a
   * connection with unread data resets it, and the reset could overtake the response.
   */
  refuse({ status, code, message, remedy, retryAfterSeconds }: GateRefusal, { lingerMs, lingerBytes }: Linger): void {
    const { request, response } = this
    const body = Buffer.from(JSON.stringify({ error: { code, message, remedy } }))
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': String(body.length),
      'cache-control': 'no-store',
      connection: 'close',
      ...(retryAfterSeconds ? { 'retry-after': String(retryAfterSeconds) } : {}),
    })
    if (request.complete) {
      this.noDeadline()
      response.end(body)
      return
    }
    response.write(body)
    this.deadline(lingerMs, () => response.end())
    let bytes = 0
    let isPausing = false
    request.sink = (chunk) => {
      bytes += chunk?.length ?? 0
      if (chunk === null || bytes > lingerBytes) response.end()
      else if (!isPausing) {
        isPausing = true
        // What was read at once can contain thousands of chunks.
        setTimeout(() => {
          isPausing = false
          request.readOn()
        }, DROP_EVERY_MS).unref()
      }
      return false
    }
  }
}
