import { inngest } from '#inngest/client.ts'
import { now } from '#lib/core/clock.ts'
import { watchConsent as watch } from '#lib/ops/consent-watch.ts'

/** Reminders, consents that are over, and the hourly look at apps that are paused. Rarely: each time counts as executions. */
export const watchConsent = inngest.createFunction(
  { id: 'watch-consent', triggers: [{ cron: '*/20 * * * *' }], retries: 2 },
  () => watch(now()),
)
