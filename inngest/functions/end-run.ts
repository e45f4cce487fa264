import { closeRun } from '../../lib/pipeline/close-run.ts'
import { inngest } from '../client.ts'
import { runEnd } from '../events.ts'

export const endRun = inngest.createFunction(
  { id: 'end-run', triggers: [runEnd], retries: 4 },
  async ({ event, step }) => {
    await step.run('close the run', () => closeRun(event.data.runId))
  },
)
