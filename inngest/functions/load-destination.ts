import { inngest } from '#inngest/client.ts'
import { externalLoadRequested, loadRequest, loadRequested } from '#inngest/events.ts'
import { dispatch } from '#inngest/hand-on.ts'
import { MINUTE, now } from '#lib/core/clock.ts'
import { giveUpLoading } from '#lib/load/failure.ts'
import { releaseLease } from '#lib/load/lease.ts'
import { loadNext } from '#lib/load/load.ts'
import { closeEndedRun } from '#lib/sync/close-run.ts'

/** Then others get the place. An engine gives a call up after 15 minutes. */
const LONGEST_MS = 2 * MINUTE

/** Without steps: Postgres knows what is loaded, so a repetition goes on where the last one was, and costs nothing. */
export const loadDestination = inngest.createFunction(
  {
    id: 'load-destination',
    triggers: [loadRequest],
    // Of many listeners at once: enough to keep the disk busy, few enough to leave room for everything else.
    concurrency: 4,
    retries: 4,
    onFailure: ({ event, error }) => giveUpLoading(event.data.event.data.connectionId, error.message),
  },
  async ({ event, runId }) => {
    const { connectionId } = event.data
    const until = now().getTime() + LONGEST_MS
    let more = true
    while (more && now().getTime() < until) {
      const end = await closeEndedRun(await loadNext(connectionId, runId))
      await dispatch(end.connected.map((id) => externalLoadRequested(id)))
      more = end.more
    }
    if (!more) return
    await releaseLease(connectionId, runId)
    await dispatch([loadRequested(connectionId)])
  },
)
