import { inngest } from '#inngest/client.ts'
import { now } from '#lib/core/clock.ts'
import { watchConsent as watch } from '#lib/ops/consent-watch.ts'

/** Reminders, expired consents and the hourly check of paused apps. Not more often, because each run is an execution. */
export const watchConsent = inngest.createFunction(
  { id: 'watch-consent', triggers: [{ cron: '*/20 * * * *' }], retries: 2 },
  () => watch(now()),
)
