import { loadNext } from '../../lib/pipeline/load.ts'
import { giveUpLoading } from '../../lib/pipeline/load-failure.ts'
import { inngest } from '../client.ts'
import { loadRequest, loadRequested, runEnded } from '../events.ts'

const MOST_LOADS = 200

export const loadDestination = inngest.createFunction(
  {
    id: 'load-destination',
    triggers: [loadRequest],
    // Of many listeners at once: enough to keep the disk busy, few enough to leave room for everything else.
    concurrency: 4,
    retries: 4,
    onFailure: async ({ event, error, step }) => {
      const { connectionId } = event.data.event.data
      await step.run('give the turn back', () => giveUpLoading(connectionId, error.message))
    },
  },
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
