import { createHmac, randomBytes } from 'node:crypto'
import type { Channel } from './channel.ts'
import { post } from './post.ts'
import { addressProblem, portWarning } from './public-address.ts'

/** Signatures follow the open specification Standard Webhooks, so that receivers can verify them with a library. */

const PREFIX = 'whsec_'
const SECRET_BYTES = 32

function newSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`
}

/** HMAC-SHA256 over id, time and body, so that none of them can be changed and old messages can't be replayed. */
function signatureOf(secret: string, { id, timestamp, body }: { id: string; timestamp: string; body: string }) {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

/** Any address that accepts JSON, signed with the secret. */
export const webhook: Channel = {
  problemOf: (address) => addressProblem(address),
  warningOf: portWarning,
  newSecret,
  send({ address, secret = '' }, message) {
    const { id, event, title, at, facts, problem, remedy, link } = message
    const body = JSON.stringify({ id, event, title, at, facts, problem, remedy, link })
    // The time of this attempt: receivers refuse messages older than some minutes, and retries come later than that.
    const timestamp = String(Math.floor(Date.now() / 1000))
    return post(address, body, {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatureOf(secret, { id, timestamp, body }),
    })
  },
}
