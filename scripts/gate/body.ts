import { MAX_BODY_BYTES } from '#lib/core/request-gate.ts'
import type { Exchange } from './exchange.ts'
import { BUSY, type GateRefusal, TOO_SLOW, tooLarge } from './refusals.ts'

/** What all bodies above the default limit may take together while they are collected. */
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

interface Terms {
  /** Content-Length; 0 if it isn't known. */
  length: number
  maxBytes: number
  deadlineMs: number
  largeBodies: LargeBodies
  refuse(refusal: GateRefusal): void
  /** The body is complete, and the request has it. */
  done(): void
}

/** Collects the body of a request outside of the request, so that nothing reads it before it is complete. */
export function collectBody(exchange: Exchange, terms: Terms): void {
  const { request } = exchange
  const { length, maxBytes, deadlineMs, largeBodies } = terms
  let chunks: Buffer[] = []
  let bytes = 0
  let reserved = 0
  const reserve = (size: number): boolean => {
    const more = size - Math.max(reserved, MAX_BODY_BYTES)
    if (more <= 0) return true
    if (!largeBodies.take(more)) return false
    reserved = size
    return true
  }
  const release = () => {
    chunks = []
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
      if (bytes > 0) request.push(Buffer.concat(chunks))
      request.push(null)
      chunks = []
      terms.done()
      return true
    }
    bytes += chunk.length
    if (bytes > maxBytes) refuse(tooLarge(maxBytes))
    else if (reserve(bytes)) chunks.push(chunk)
    else refuse(BUSY)
    return true
  }
}
