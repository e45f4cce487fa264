import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Keys may carry a prefix such as `signkey-prod-`, which is no part of the secret. */
const PREFIX = /^signkey-\w+-/

/**
 * The header `x-inngest-signature` of a call to the app.
 * The SDK signs the key as text over the canonical JSON body followed by the time in seconds, and accepts five minutes.
 */
export function signatureOf(canonicalBody: string, signingKey: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000)
  const mac = createHmac('sha256', signingKey.replace(PREFIX, '')).update(`${canonicalBody}${seconds}`).digest('hex')
  return `t=${seconds}&s=${mac}`
}

/** The header `authorization` that the SDK sends: here the key counts as hexadecimal bytes, not as text. */
export function bearerOf(signingKey: string): string {
  const prefix = PREFIX.exec(signingKey)?.[0] ?? ''
  const key = Buffer.from(signingKey.slice(prefix.length), 'hex')
  return `Bearer ${prefix}${createHash('sha256').update(key).digest('hex')}`
}

/** Compares without telling by its duration how much of a secret was right. */
export function sameSecret(given: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return given !== undefined && timingSafeEqual(digest(given), digest(expected))
}
