import { serve } from '#app/api/serve.ts'
import { requestPublication } from '#inngest/events.ts'
import { publishLake } from '#lib/api/lake.ts'
import { publishNow } from '#lib/lake/connection.ts'

export const POST = serve(publishLake, async ({ listener }) => {
  const status = await publishNow(listener)
  await requestPublication(listener.id)
  return status
})
