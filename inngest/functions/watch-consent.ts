import { now } from '../../lib/clock.ts'
import { watchConsent as watch } from '../../lib/listener/watch-consent.ts'
import { inngest } from '../client.ts'

/** Reminders, consents that are over, and the hourly look at apps that are paused. */
export const watchConsent = inngest.createFunction(
  { id: 'watch-consent', triggers: [{ cron: '*/10 * * * *' }], retries: 2 },
  async ({ step }) => {
    await step.run('look after consents and apps', () => watch(now()))
  },
)
