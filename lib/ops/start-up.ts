import { applyAdmins } from '#lib/accounts/admins.ts'
import { finishErasures } from '#lib/accounts/erase.ts'
import { settings } from '#lib/core/config.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { prepareServing } from '#lib/storage/embedded-copies.ts'
import { sweepLanding } from '#lib/sync/sweep-landing.ts'

/** What the web process does before it answers. @throws SettingsProblem */
export async function startUp(): Promise<void> {
  const { TRACKLAKE_MODE, POOL_SLOTS } = settings()
  log.info('web process starts', { mode: TRACKLAKE_MODE, slots: POOL_SLOTS })
  await applyAdmins().catch((thrown) => log.error('ADMINS could not be applied', { problem: messageOf(thrown) }))
  // Not awaited: pages need no swept landing zone.
  void finishErasures()
  prepareServing().catch((thrown) => log.warn('the embedded copies were not prepared', { problem: messageOf(thrown) }))
  sweepLanding().then(
    (swept) => log.info('landing zone swept', { objects: swept }),
    (thrown) => log.warn('the landing zone could not be swept', { problem: messageOf(thrown) }),
  )
}
