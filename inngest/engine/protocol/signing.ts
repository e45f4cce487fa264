import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Keys may have a prefix such as `signkey-prod-`, which isn't part of the secret. */
const PREFIX = /^signkey-\w+-/

/**
 * The header `x-inngest-signature` of a call to the app: an HMAC, keyed with the key as text, of the canonical JSON body
 * followed by the time in seconds. The SDK accepts it for five minutes.
 */
export function signatureOf(canonicalBody: string, signingKey: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000)
  const mac = createHmac('sha256', signingKey.replace(PREFIX, '')).update(`${canonicalBody}${seconds}`).digest('hex')
  return `t=${seconds}&s=${mac}`
}

/** The header `authorization` that the SDK sends. Here the key is hexadecimal bytes, not text. */
export function bearerOf(signingKey: string): string {
  const prefix = PREFIX.exec(signingKey)?.[0] ?? ''
  const key = Buffer.from(signingKey.slice(prefix.length), 'hex')
  return `Bearer ${prefix}${createHash('sha256').update(key).digest('hex')}`
}

/** Compares two secrets in constant time. */
export function sameSecret(actual: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return actual !== undefined && timingSafeEqual(digest(actual), digest(expected))
}
