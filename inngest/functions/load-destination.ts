import { inngest } from '#inngest/client.ts'
import { dispatch, externalLoadRequested, importRequest, loadRequest, loadRequested } from '#inngest/events.ts'
import { MINUTE, now } from '#lib/core/clock.ts'
import { importsLoadedBy } from '#lib/imports/work.ts'
import { giveUpLoading } from '#lib/load/failure.ts'
import { releaseLease } from '#lib/load/lease.ts'
import { loadNext } from '#lib/load/load.ts'
import { closeEndedRun } from '#lib/sync/close-run.ts'

/** After this, other listeners get the slot. An engine aborts calls after 15 minutes. */
const MAX_MS = 2 * MINUTE

/** It has no steps: Postgres knows what is loaded, so a repeated job continues where the last one stopped. */
export const loadDestination = inngest.createFunction(
  {
    id: 'load-destination',
    triggers: [loadRequest],
    // Enough to keep the disk busy, few enough to leave room for everything else.
    concurrency: 4,
    retries: 4,
    onFailure: ({ event, error }) => giveUpLoading(event.data.event.data.connectionId, error.message),
  },
  async ({ event, runId }) => {
    const { connectionId } = event.data
    const until = now().getTime() + MAX_MS
    let more = true
    let hasWorked = false
    while (more && now().getTime() < until) {
      const end = await closeEndedRun(await loadNext(connectionId, runId))
      await dispatch(end.connected.map((id) => externalLoadRequested(id)))
      more = end.more
      hasWorked ||= more
    }
    if (!more) {
      // An import that still waits requests a load again: without this, the two would go on calling each other.
      if (!hasWorked) return
      const imports = await importsLoadedBy(connectionId)
      return dispatch(imports.map((importId) => importRequest.create({ importId })))
    }
    await releaseLease(connectionId, runId)
    await dispatch([loadRequested(connectionId)])
  },
)
