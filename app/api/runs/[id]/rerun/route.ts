import { serve } from '#app/api/serve.ts'
import { requestLoads, requestStreams } from '#inngest/events.ts'
import { rerunRun } from '#lib/api/runs.ts'
import { rerun } from '#lib/sync/order-run.ts'

export const POST = serve(rerunRun, async ({ listener, params, body }) => {
  const { run, requests, connections, leftOut, underWay } = await rerun(listener, params.id, body)
  await requestStreams(requests)
  await requestLoads(connections)
  return { ...run, leftOut, underWay }
})
