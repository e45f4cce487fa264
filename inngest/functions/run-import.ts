import { inngest } from '#inngest/client.ts'
import { dispatch, importRequest, loadRequested } from '#inngest/events.ts'
import { giveUpImport, runImport } from '#lib/imports/work.ts'

/** Reading takes a child process of up to 200 MB; other listeners' imports wait. */
const AT_ONCE = 2

/** It has no steps: Postgres knows what has landed, so a repeated job continues where the last one stopped. */
export const runListenerImport = inngest.createFunction(
  {
    id: 'run-import',
    triggers: [importRequest],
    concurrency: AT_ONCE,
    retries: 4,
    onFailure: ({ event, error }) => giveUpImport(event.data.event.data.importId, event.data.run_id, error.message),
  },
  async ({ event, runId }) => {
    const { connections } = await runImport(event.data.importId, runId)
    await dispatch(connections.map((id) => loadRequested(id)))
  },
)
