import type { RefusalCode } from '#lib/core/errors.ts'

/** Why the gate refuses a request, in the format of the API's errors. */
export interface GateRefusal {
  status: 400 | 408 | 411 | 413 | 503
  code: RefusalCode<400 | 408 | 411 | 413 | 503>
  message: string
  remedy: string
  retryAfterSeconds?: number
}

const BUSY_SECONDS = 5

const sizeOf = (bytes: number) =>
  bytes < 1024 * 1024 ? `${Math.floor(bytes / 1024)} kB` : `${Math.floor(bytes / 1024 / 1024)} MB`

export const ODD_CHARACTER: GateRefusal = {
  status: 400,
  code: 'bad-request',
  message: 'The address or a cookie contains a control character',
  remedy: 'Correct the address, or delete the cookies of this site.',
}

export const tooLarge = (maxBytes: number): GateRefusal => ({
  status: 413,
  code: 'too-large',
  message: 'The request is too large',
  remedy: `Send at most ${sizeOf(maxBytes)}.`,
})

export const TOO_SLOW: GateRefusal = {
  status: 408,
  code: 'too-slow',
  message: 'The request took too long to arrive',
  remedy: 'Check your connection, then send it again.',
}

export const LENGTH_REQUIRED: GateRefusal = {
  status: 411,
  code: 'length-required',
  message: 'The request has no length',
  remedy: 'Send it with a Content-Length header.',
}

export const BUSY: GateRefusal = {
  status: 503,
  code: 'busy',
  message: 'Too many requests are being handled',
  remedy: 'Try again in a few seconds.',
  retryAfterSeconds: BUSY_SECONDS,
}
