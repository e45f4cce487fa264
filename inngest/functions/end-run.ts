import { inngest } from '#inngest/client.ts'
import { externalLoadRequested, runEnd } from '#inngest/events.ts'
import { dispatch } from '#inngest/hand-on.ts'
import { closeRun } from '#lib/sync/close-run.ts'

/** Of runs that no job ended, for example a button did; and of those whose closing failed. */
export const endRun = inngest.createFunction({ id: 'end-run', triggers: [runEnd], retries: 4 }, async ({ event }) => {
  const connected = await closeRun(event.data.runId)
  await dispatch(connected.map((id) => externalLoadRequested(id)))
})
