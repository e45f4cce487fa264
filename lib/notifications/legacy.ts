import type { Legacy } from '#lib/channels/channel.ts'
import { db } from '#lib/db.ts'

/** Written by a migration for instances that sent mail before encryption was required. */
const UNENCRYPTED_MAIL = 'mail may be unencrypted'

/** What this instance may go on doing. */
export async function legacyRules(): Promise<Legacy> {
  return { unencryptedMail: (await db().instanceFact.count({ where: { name: UNENCRYPTED_MAIL } })) > 0 }
}
