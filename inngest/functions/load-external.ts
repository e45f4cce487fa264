import { inngest } from '#inngest/client.ts'
import { externalLoadRequest, externalLoadRequested } from '#inngest/events.ts'
import { dispatch } from '#inngest/hand-on.ts'
import { giveUpLoading } from '#lib/load/failure.ts'
import { releaseLease } from '#lib/load/lease.ts'
import { loadNext } from '#lib/load/load.ts'
import { closeEndedRun } from '#lib/sync/close-run.ts'

/**
 * Apart from the embedded warehouses: a session with a warehouse that does not answer takes minutes, and nobody's charts
 * may wait for it. One session a job; there are no steps, because Postgres knows what is loaded.
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
