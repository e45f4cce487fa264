import { serve } from '#app/api/serve.ts'
import { requestImport } from '#inngest/events.ts'
import { getImports, startImport } from '#lib/api/imports.ts'
import { listImports } from '#lib/imports/imports.ts'
import { receiveUpload } from '#lib/imports/upload.ts'

export const GET = serve(getImports, ({ listener }) => listImports(listener))

export const POST = serve(startImport, async ({ listener }, request) => {
  const started = await receiveUpload(listener, request)
  await requestImport(started.id)
  return started
})
