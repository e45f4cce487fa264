import { inngest, ONE_TICK } from '#inngest/client.ts'
import { now } from '#lib/core/clock.ts'
import { watchConsent as watch } from '#lib/ops/consent-watch.ts'

/** Reminders, expired consents and the hourly check of paused apps. Not more often, because each run is an execution. */
export const watchConsent = inngest.createFunction(
  { id: 'watch-consent', triggers: [{ cron: '*/20 * * * *' }], concurrency: ONE_TICK, retries: 2 },
  () => watch(now()),
)
