import { loadNext } from '../../lib/pipeline/load.ts'
import { giveUpLoading } from '../../lib/pipeline/load-failure.ts'
import { inngest } from '../client.ts'
import { connectedRequest, connectedRequested, runEnded } from '../events.ts'

const MOST_SESSIONS = 100

/**
 * Apart from the embedded warehouses: a session with a warehouse that does not answer takes minutes, and nobody's charts
 * may wait for it.
 */
export const loadConnected = inngest.createFunction(
  {
    id: 'load-connected',
    triggers: [connectedRequest],
    concurrency: 4,
    retries: 4,
    onFailure: async ({ event, error, step }) => {
      const { connectionId } = event.data.event.data
      await step.run('give the turn back', () => giveUpLoading(connectionId, error.message))
    },
  },
  async ({ event, step, runId }) => {
    const { connectionId } = event.data
    for (let session = 1; session <= MOST_SESSIONS; session++) {
      const end = await step.run(`session ${session}`, () => loadNext(connectionId, runId))
      if (end.endedRun) await step.sendEvent(`announce the end ${session}`, runEnded(end.endedRun))
      if (!end.more) return
    }
    await step.sendEvent('go on', connectedRequested(connectionId))
  },
)
