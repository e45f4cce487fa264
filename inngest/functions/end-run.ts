import { inngest } from '#inngest/client.ts'
import { dispatch, externalLoadRequested, runEnd } from '#inngest/events.ts'
import { closeRun } from '#lib/sync/close-run.ts'

/** Closes runs that ended outside of a job, for example canceled ones, and those whose closing failed. */
export const endRun = inngest.createFunction({ id: 'end-run', triggers: [runEnd], retries: 4 }, async ({ event }) => {
  const externalLoads = await closeRun(event.data.runId)
  await dispatch(externalLoads.map((id) => externalLoadRequested(id)))
})
