import { finishRun } from '../../lib/pipeline/closing.ts'
import { inngest } from '../client.ts'
import { connectedRequested, runEnd } from '../events.ts'
import { handOn } from '../hand-on.ts'

/** Of runs that no job ended, for example a button did; and of those whose closing failed. */
export const endRun = inngest.createFunction({ id: 'end-run', triggers: [runEnd], retries: 4 }, async ({ event }) => {
  const connected = await finishRun(event.data.runId)
  await handOn(connected.map((id) => connectedRequested(id)))
})
