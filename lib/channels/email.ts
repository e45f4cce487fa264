import { createTransport } from 'nodemailer'
import { z } from 'zod'
import { SECOND } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { messageOf, Stop, Transient } from '#lib/core/errors.ts'
import { isLoopback } from '#lib/core/loopback.ts'
import type { Channel, Legacy } from './channel.ts'
import { linesOf } from './message.ts'

const DEADLINE_MS = 10 * SECOND
const Address = z.email()

/** Whether the operator has configured a mail server. */
export function canMail(): boolean {
  const { SMTP_URL, SMTP_FROM } = settings()
  return SMTP_URL !== undefined && SMTP_FROM !== undefined
}

/** Whether mail may be unencrypted: to this machine, or if the operator or an older version allowed it. */
function mayBeUnencrypted({ hostname }: URL, { unencryptedMail }: Legacy): boolean {
  const { SMTP_TLS } = settings()
  return isLoopback(hostname) || SMTP_TLS === 'off' || (SMTP_TLS === undefined && unencryptedMail)
}

/** A warning for the operator about the mail server, or null. */
function mailWarning(legacy: Legacy): string | null {
  const { SMTP_URL, SMTP_TLS } = settings()
  if (!SMTP_URL || SMTP_URL.startsWith('smtps:') || SMTP_TLS !== undefined) return null
  const server = new URL(SMTP_URL)
  if (isLoopback(server.hostname) || !mayBeUnencrypted(server, legacy)) return null
  return 'Email to the mail server may be unencrypted. The operator can require encryption with SMTP_TLS=required'
}

function mailer(legacy: Legacy) {
  const { SMTP_URL, SMTP_FROM: from } = settings()
  if (!SMTP_URL || !from)
    throw new Stop('This installation cannot send email', {
      remedy: 'Its operator has to set SMTP_URL and SMTP_FROM.',
    })
  const server = new URL(SMTP_URL)
  if (!mayBeUnencrypted(server, legacy)) {
    // Set in the address, because its parameters override options.
    server.searchParams.set('requireTLS', 'true')
    server.searchParams.delete('ignoreTLS')
  }
  const url = server.href
  const deadlines = { connectionTimeout: DEADLINE_MS, greetingTimeout: DEADLINE_MS, socketTimeout: DEADLINE_MS }
  const transport = createTransport({ url, ...deadlines, disableFileAccess: true, disableUrlAccess: true })
  return { transport, from }
}

/** A mail server refuses permanently with 5xx; everything else may be temporary. */
function failureOf(error: unknown) {
  if (typeof error === 'object' && error && 'code' in error && error.code === 'ETLS')
    return new Transient("The mail server doesn't offer encryption", {
      cause: messageOf(error),
      remedy:
        'Ask the operator of this installation to use another server, or to allow unencrypted email with SMTP_TLS=off.',
    })
  const code = typeof error === 'object' && error && 'responseCode' in error ? Number(error.responseCode) : 0
  if (code >= 500)
    return new Stop(`The mail server refuses the message with ${code}`, {
      cause: error,
      remedy: 'Check the address, or use another one.',
    })
  return new Transient('The mail server cannot be used', {
    cause: messageOf(error),
    remedy: settings().HTTPS_PROXY
      ? 'Ask the operator of this installation to check the mail server. HTTPS_PROXY isn’t used for email.'
      : 'Ask the operator of this installation to check the mail server.',
  })
}

/** An email address, through the operator's mail server. */
export const email: Channel = {
  async problemOf(address) {
    if (!canMail()) return 'This installation cannot send email: its operator has to set SMTP_URL and SMTP_FROM'
    return Address.safeParse(address).success ? null : "This isn't an email address"
  },
  warningOf: (_, legacy) => mailWarning(legacy),
  async send({ address }, message, legacy) {
    const { transport, from } = mailer(legacy)
    try {
      await transport.sendMail({
        from,
        // An object, because a string could contain several addresses.
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
