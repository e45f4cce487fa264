import { serve } from '#app/api/serve.ts'
import { requestImport } from '#inngest/events.ts'
import { undoImport as undoContract } from '#lib/api/imports.ts'
import { undoImport } from '#lib/imports/imports.ts'

export const POST = serve(undoContract, async ({ listener, params: { id } }) => {
  const changed = await undoImport(listener, id)
  await requestImport(id)
  return changed
})
