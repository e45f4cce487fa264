import { serve } from '#app/api/serve.ts'
import { requestLoads } from '#inngest/events.ts'
import { loadNow } from '#lib/api/warehouse.ts'
import { loadNow as load } from '#lib/sync/order-run.ts'

/** "Load now"; with `everything`, reloads all tables. */
export const POST = serve(loadNow, async ({ listener, body }) => {
  const { run, connections } = await load(listener, body.everything)
  await requestLoads(connections)
  return run
})
