import type { Legacy } from '#lib/channels/channel.ts'
import { channels } from '#lib/channels/index.ts'
import { log } from '#lib/core/log.ts'
import { db } from '#lib/db.ts'

/** Written by a migration for instances that sent mail before encryption was required. */
const UNENCRYPTED_MAIL = 'mail may be unencrypted'

/** What this instance may still do. */
export async function legacyRules(): Promise<Legacy> {
  return { unencryptedMail: (await db().instanceFact.count({ where: { name: UNENCRYPTED_MAIL } })) > 0 }
}

/** Reminds the operator at each start. */
export async function warnOfUnencryptedMail(): Promise<void> {
  const warning = channels.email.warningOf?.('', await legacyRules())
  if (warning) log.warn(warning)
}
