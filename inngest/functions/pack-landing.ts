import { inngest, ONE_TICK } from '#inngest/client.ts'
import { now } from '#lib/core/clock.ts'
import { log } from '#lib/core/log.ts'
import { packLanding } from '#lib/sync/pack-landing.ts'

/** Between the planning ticks of most instances. A crash leaves nothing that the next time doesn't continue. */
export const packLandedPages = inngest.createFunction(
  { id: 'pack-landing', triggers: [{ cron: '7,37 * * * *' }], concurrency: ONE_TICK, retries: 0 },
  async () => {
    const reads = await packLanding(now())
    if (reads > 0) log.info('responses were packed', { reads })
  },
)
