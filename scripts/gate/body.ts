import { MAX_BODY_BYTES } from '#lib/core/request-gate.ts'
import type { Exchange } from './exchange.ts'
import { BUSY, type GateRefusal, TOO_SLOW, tooLarge } from './refusals.ts'

/** The total for all bodies above the default limit that are being collected. */
export class LargeBodies {
  readonly #max: number
  #bytes = 0

  constructor(maxBytes: number) {
    this.#max = maxBytes
  }

  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#max) return false
    this.#bytes += bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes
  }
}

/** Bytes that arrive in pieces. They are copied into one buffer, because a piece of one byte would take 200 in memory. */
class Bytes {
  readonly #max: number
  #buffer = Buffer.alloc(0)
  length = 0

  /** @param max how many there can be */
  constructor(max: number) {
    this.#max = max
  }

  add(chunk: Buffer): void {
    const length = this.length + chunk.length
    if (length > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, Math.min(2 * this.#buffer.length, this.#max)))
      this.#buffer.copy(grown, 0, 0, this.length)
      this.#buffer = grown
    }
    chunk.copy(this.#buffer, this.length)
    this.length = length
  }

  /** Hands over what there is, and forgets it. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(0, this.length)
    this.#buffer = Buffer.alloc(0)
    this.length = 0
    return bytes
  }
}

interface Terms {
  /** Content-Length; 0 if it isn't known. */
  length: number
  maxBytes: number
  deadlineMs: number
  largeBodies: LargeBodies
  refuse(refusal: GateRefusal): void
  /** The body is complete and was passed to the request. */
  done(): void
}

/** Collects the body outside of the request, so that nothing reads it before it is complete. */
export function collectBody(exchange: Exchange, terms: Terms): void {
  const { request } = exchange
  const { length, maxBytes, deadlineMs, largeBodies } = terms
  const body = new Bytes(length || maxBytes)
  let reserved = 0
  const reserve = (size: number): boolean => {
    const more = size - Math.max(reserved, MAX_BODY_BYTES)
    if (more <= 0) return true
    if (!largeBodies.take(more)) return false
    reserved = size
    return true
  }
  const release = () => {
    body.take()
    if (reserved > 0) largeBodies.giveBack(reserved - MAX_BODY_BYTES)
    reserved = 0
  }
  const refuse = (refusal: GateRefusal) => {
    release()
    terms.refuse(refusal)
  }
  exchange.onEnd(release)
  if (!reserve(length)) {
    refuse(BUSY)
    return
  }
  exchange.deadline(deadlineMs, () => refuse(TOO_SLOW))
  request.sink = (chunk) => {
    if (chunk === null) {
      exchange.noDeadline()
      request.sink = null
      if (body.length > 0) request.push(body.take())
      request.push(null)
      terms.done()
      return true
    }
    const bytes = body.length + chunk.length
    if (bytes > maxBytes) refuse(tooLarge(maxBytes))
    else if (reserve(bytes)) body.add(chunk)
    else refuse(BUSY)
    return true
  }
}
