import { loadNext } from '../../lib/pipeline/load.ts'
import { inngest } from '../client.ts'
import { loadRequest, loadRequested, runEnded } from '../events.ts'

const MOST_LOADS = 200

export const loadDestination = inngest.createFunction(
  { id: 'load-destination', triggers: [loadRequest], retries: 4 },
  async ({ event, step, runId }) => {
    const { connectionId } = event.data
    for (let load = 1; load <= MOST_LOADS; load++) {
      const end = await step.run(`load ${load}`, () => loadNext(connectionId, runId))
      if (end.endedRun) await step.sendEvent(`announce the end ${load}`, runEnded(end.endedRun))
      if (!end.more) return
    }
    await step.sendEvent('go on', loadRequested(connectionId))
  },
)
