import { serve } from '#app/api/serve.ts'
import { requestStreams } from '#inngest/events.ts'
import { getRuns, startRun } from '#lib/api/runs.ts'
import { listRuns } from '#lib/runs/run-responses.ts'
import { runNow } from '#lib/sync/order-run.ts'

export const GET = serve(getRuns, ({ listener, query }) => listRuns({ userId: listener.id }, query))

/** "Sync now". */
export const POST = serve(startRun, async ({ listener, body }) => {
  const { run, requests, leftOut, underWay } = await runNow(listener, body)
  await requestStreams(requests)
  return { ...run, leftOut, underWay }
})
