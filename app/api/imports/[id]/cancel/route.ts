import { serve } from '#app/api/serve.ts'
import { requestImport } from '#inngest/events.ts'
import { cancelImport as cancelContract } from '#lib/api/imports.ts'
import { cancelImport } from '#lib/imports/imports.ts'

export const POST = serve(cancelContract, async ({ listener, params: { id } }) => {
  const changed = await cancelImport(listener, id)
  await requestImport(id)
  return changed
})
