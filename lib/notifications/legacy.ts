import type { Legacy } from '#lib/channels/channel.ts'
import { channels } from '#lib/channels/index.ts'
import { settings } from '#lib/core/config.ts'
import { log } from '#lib/core/log.ts'
import { db } from '#lib/db.ts'

/** Written by a migration for instances that sent mail before encryption was required. */
const UNENCRYPTED_MAIL = 'mail may be unencrypted'

/** The mail server, as host and port, that the exemption is for: the first one that was set after the upgrade. */
const UNENCRYPTED_MAIL_SERVER = 'mail server that may be unencrypted'

/** What this instance may still do. */
export async function legacyRules(): Promise<Legacy> {
  const { SMTP_URL } = settings()
  const facts = db().instanceFact
  if (!SMTP_URL || (await facts.count({ where: { name: UNENCRYPTED_MAIL } })) === 0) return { unencryptedMail: false }
  const { host } = new URL(SMTP_URL)
  const { value } = await facts.upsert({
    where: { name: UNENCRYPTED_MAIL_SERVER },
    create: { name: UNENCRYPTED_MAIL_SERVER, value: host },
    update: {},
  })
  return { unencryptedMail: value === host }
}

/** Reminds the operator at each start. */
export async function warnOfUnencryptedMail(): Promise<void> {
  const warning = channels.email.warningOf?.('', await legacyRules())
  if (warning) log.warn(warning)
}
