import { MINUTE, now } from '../../lib/clock.ts'
import { settings } from '../../lib/config.ts'
import { finishErasures } from '../../lib/listener/erase.ts'
import { plan as planTick } from '../../lib/pipeline/plan.ts'
import { inngest } from '../client.ts'
import { connectedRequested, loadRequested, streamRequested } from '../events.ts'

/** Cron knows whole minutes. */
const minutes = Math.min(59, Math.max(1, Math.round(settings().PLAN_EVERY / MINUTE)))

export const plan = inngest.createFunction(
  { id: 'plan', triggers: [{ cron: `*/${minutes} * * * *` }], retries: 2 },
  async ({ step }) => {
    await step.run('finish deletions', () => finishErasures())
    const { requests, connections, connected } = await step.run('find what is due', () => planTick(now()))
    const events = [
      ...requests.map(streamRequested),
      ...connections.map(loadRequested),
      ...connected.map(connectedRequested),
    ]
    if (events.length > 0) await step.sendEvent('send what is due', events)
  },
)
