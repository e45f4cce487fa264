import { closeRun } from '../../lib/pipeline/close-run.ts'
import { inngest } from '../client.ts'
import { connectedRequested, runEnd } from '../events.ts'

export const endRun = inngest.createFunction(
  { id: 'end-run', triggers: [runEnd], retries: 4 },
  async ({ event, step }) => {
    const connections = await step.run('close the run', () => closeRun(event.data.runId))
    if (connections.length > 0) await step.sendEvent('load what waits', connections.map(connectedRequested))
  },
)
