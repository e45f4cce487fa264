import { serve } from '#app/api/serve.ts'
import { getImport } from '#lib/api/imports.ts'
import { importDetails } from '#lib/imports/imports.ts'

export const GET = serve(getImport, ({ listener, params: { id } }) => importDetails(listener, id))
