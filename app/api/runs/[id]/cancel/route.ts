import { serve } from '#app/api/serve.ts'
import { announceRunEnd } from '#inngest/events.ts'
import { cancelRun } from '#lib/api/runs.ts'
import { cancel } from '#lib/sync/order-run.ts'

export const POST = serve(cancelRun, async ({ listener, params }) => {
  const { run, isStopped } = await cancel(listener, params.id)
  if (isStopped) await announceRunEnd(run.id)
  return run
})
