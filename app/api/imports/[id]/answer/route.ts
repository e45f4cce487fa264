import { serve } from '#app/api/serve.ts'
import { requestImport } from '#inngest/events.ts'
import { replyToImport as contract } from '#lib/api/imports.ts'
import { replyToImport } from '#lib/imports/imports.ts'

export const POST = serve(contract, async ({ listener, params: { id }, body }) => {
  const changed = await replyToImport(listener, id, body)
  await requestImport(id)
  return changed
})
