import { inngest } from '#inngest/client.ts'
import { demoHistoryRequest, dispatch, externalLoadRequested, loadRequested } from '#inngest/events.ts'
import { SECOND } from '#lib/core/clock.ts'
import { importDemoHistory, pendingHistories } from '#lib/imports/demo-history.ts'
import { externalDue, servingConnections } from '#lib/storage/destinations.ts'

const CHECK_EVERY_MS = 2 * SECOND
const MAX_CHECKS = 60

/**
 * Imports the history of a demo listener after their first run, so that the first chart doesn't wait for it. If the run
 * takes longer than this waits, planning requests it again.
 */
export const importHistory = inngest.createFunction(
  { id: 'import-demo-history', triggers: [demoHistoryRequest], concurrency: 1, retries: 4 },
  async ({ event, step }) => {
    const { userId } = event.data
    for (let check = 1; check <= MAX_CHECKS; check++) {
      const [history] = await pendingHistories(userId)
      if (!history) return
      if (history.isReady) {
        await importDemoHistory(userId)
        const external = (await externalDue(userId)).map((id) => externalLoadRequested(id))
        return dispatch([...(await servingConnections(userId)).map((id) => loadRequested(id)), ...external])
      }
      await step.sleep(`wait for the first run ${check}`, CHECK_EVERY_MS)
    }
  },
)
