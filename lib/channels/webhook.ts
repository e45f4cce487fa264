import { createHmac, randomBytes } from 'node:crypto'
import type { Channel } from './channel.ts'
import { post } from './post.ts'
import { addressProblem } from './public-address.ts'

/** Signatures as the open specification Standard Webhooks has them, so that receivers find a library that checks. */

const PREFIX = 'whsec_'
const SECRET_BYTES = 32

export function newSigningSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`
}

/** HMAC-SHA256 over id, time and body: neither can be changed, and an old message cannot be passed for a new one. */
function signatureOf(secret: string, { id, timestamp, body }: { id: string; timestamp: string; body: string }) {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

/** Any address that takes JSON; the secret signs it. */
export const webhook: Channel = {
  problemOf: (address) => addressProblem(address),
  send({ address, secret = '' }, message) {
    const { id, event, title, at, facts, problem, remedy, link } = message
    const body = JSON.stringify({ id, event, title, at, facts, problem, remedy, link })
    // Of this try: a receiver refuses what is older than some minutes, and a repetition comes later than that.
    const timestamp = String(Math.floor(Date.now() / 1000))
    return post(address, body, {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatureOf(secret, { id, timestamp, body }),
    })
  },
}
