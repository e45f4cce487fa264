import { inngest } from '#inngest/client.ts'
import { connectedRequest, connectedRequested } from '#inngest/events.ts'
import { handOn } from '#inngest/hand-on.ts'
import { giveUpLoading } from '#lib/load/failure.ts'
import { releaseLease } from '#lib/load/lease.ts'
import { loadNext } from '#lib/load/load.ts'
import { closeEndedRun } from '#lib/sync/close-run.ts'

/**
 * Apart from the embedded warehouses: a session with a warehouse that does not answer takes minutes, and nobody's charts
 * may wait for it. One session a job; there are no steps, because Postgres knows what is loaded.
 */
export const loadConnected = inngest.createFunction(
  {
    id: 'load-connected',
    triggers: [connectedRequest],
    concurrency: 4,
    retries: 4,
    onFailure: ({ event, error }) => giveUpLoading(event.data.event.data.connectionId, error.message),
  },
  async ({ event, runId }) => {
    const { connectionId } = event.data
    const end = await closeEndedRun(await loadNext(connectionId, runId))
    if (end.more) await releaseLease(connectionId, runId)
    await handOn([...end.connected, ...(end.more ? [connectionId] : [])].map((id) => connectedRequested(id)))
  },
)
