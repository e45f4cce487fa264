import { applyAdmins } from '#lib/accounts/admins.ts'
import { resumeErasures } from '#lib/accounts/erase.ts'
import { endpoints } from '#lib/api/index.ts'
import { hashStoredTokens } from '#lib/auth/sessions.ts'
import { settings } from '#lib/core/config.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { requestGate } from '#lib/core/request-gate.ts'
import { warnOfUnencryptedMail } from '#lib/notifications/legacy.ts'
import { ensureEmbeddedCopies } from '#lib/storage/destinations.ts'
import { removeLeftSnapshots } from '#lib/storage/snapshots.ts'
import { sweepLandingIfDue } from '#lib/sync/sweep-landing.ts'
import { bodyRules } from './body-rules.ts'
import { recordKeyRing } from './encryption-keys.ts'

/** What the web process does before it serves requests. @throws SettingsProblem */
export async function startUp(): Promise<void> {
  const { TRACKLAKE_MODE, POOL_SLOTS } = settings()
  requestGate()?.setRules(bodyRules(endpoints))
  log.info('the web process is starting', { mode: TRACKLAKE_MODE, slots: POOL_SLOTS })
  await applyAdmins().catch((error) => log.error('ADMINS could not be applied', { problem: messageOf(error) }))
  await recordKeyRing().catch((error) => log.error('the key ring could not be recorded', { problem: messageOf(error) }))
  await hashStoredTokens().catch((error) =>
    log.error('session tokens could not be hashed', { problem: messageOf(error) }),
  )
  await removeLeftSnapshots().catch((error) =>
    log.warn('old snapshots could not be deleted', { problem: messageOf(error) }),
  )
  // Not awaited: pages don't need any of this.
  void resumeErasures()
  ensureEmbeddedCopies().catch((error) =>
    log.warn('the embedded copies were not prepared', { problem: messageOf(error) }),
  )
  void sweepLandingIfDue()
  warnOfUnencryptedMail().catch((error) => log.warn('the mail rules were not read', { problem: messageOf(error) }))
}
