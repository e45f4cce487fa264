import { inngest } from '#inngest/client.ts'
import { dispatch, externalLoadRequest, externalLoadRequested } from '#inngest/events.ts'
import { giveUpLoading } from '#lib/load/failure.ts'
import { releaseLease } from '#lib/load/lease.ts'
import { loadNext } from '#lib/load/load.ts'
import { closeEndedRun } from '#lib/sync/close-run.ts'

/**
 * Separate from embedded loads because a session with an unresponsive warehouse takes minutes, and charts must not wait
 * for it. One session per job, and no steps: Postgres knows what is loaded.
 */
export const loadExternal = inngest.createFunction(
  {
    id: 'load-connected',
    triggers: [externalLoadRequest],
    concurrency: 4,
    retries: 4,
    onFailure: ({ event, error }) => giveUpLoading(event.data.event.data.connectionId, error.message),
  },
  async ({ event, runId }) => {
    const { connectionId } = event.data
    const end = await closeEndedRun(await loadNext(connectionId, runId))
    if (end.more) await releaseLease(connectionId, runId)
    await dispatch([...end.connected, ...(end.more ? [connectionId] : [])].map((id) => externalLoadRequested(id)))
  },
)
