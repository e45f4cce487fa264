import { createTransport } from 'nodemailer'
import { z } from 'zod'
import { SECOND } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { messageOf, Stop, Transient } from '#lib/core/errors.ts'
import type { Channel } from './channel.ts'
import { linesOf } from './message.ts'

const DEADLINE_MS = 10 * SECOND
const Address = z.email()

/** Whether the operator named a mail server. */
export function canMail(): boolean {
  const { SMTP_URL, SMTP_FROM } = settings()
  return SMTP_URL !== undefined && SMTP_FROM !== undefined
}

function mailer() {
  const { SMTP_URL: url, SMTP_FROM: from } = settings()
  if (!url || !from)
    throw new Stop('This installation sends no e-mail', { remedy: 'Its operator sets SMTP_URL and SMTP_FROM.' })
  const deadlines = { connectionTimeout: DEADLINE_MS, greetingTimeout: DEADLINE_MS, socketTimeout: DEADLINE_MS }
  const transport = createTransport({ url, ...deadlines, disableFileAccess: true, disableUrlAccess: true })
  return { transport, from }
}

/** A server that refuses for good answers with 5xx; everything else may pass. */
function failureOf(error: unknown) {
  const code = typeof error === 'object' && error && 'responseCode' in error ? Number(error.responseCode) : 0
  if (code >= 500)
    return new Stop(`The mail server refuses the message with ${code}`, {
      cause: error,
      remedy: 'Check the address, or take another one.',
    })
  return new Transient('The mail server cannot be used', {
    cause: messageOf(error),
    remedy: 'The operator of this installation knows the server.',
  })
}

/** One e-mail address, by the operator's mail server. */
export const email: Channel = {
  async problemOf(address) {
    if (!canMail()) return 'This installation sends no e-mail: its operator sets SMTP_URL and SMTP_FROM'
    return Address.safeParse(address).success ? null : 'This is no e-mail address'
  },
  async send({ address }, message) {
    const { transport, from } = mailer()
    try {
      await transport.sendMail({
        from,
        // As an object: a text could name several.
        to: { name: '', address },
        subject: message.title,
        text: linesOf(message).join('\n'),
        date: new Date(message.at),
        messageId: `<${message.id}@tracklake>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
    } catch (error) {
      throw failureOf(error)
    } finally {
      transport.close()
    }
  },
}
