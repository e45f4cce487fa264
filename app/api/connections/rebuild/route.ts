import { serve } from '#app/api/serve.ts'
import { requestLoads } from '#inngest/events.ts'
import { rebuildEmbedded } from '#lib/accounts/rebuild.ts'
import { connections } from '#lib/accounts/status.ts'
import { rebuildWarehouse } from '#lib/api/connections.ts'

export const POST = serve(rebuildWarehouse, async ({ listener }) => {
  await requestLoads([await rebuildEmbedded(listener.id)])
  return connections(listener)
})
