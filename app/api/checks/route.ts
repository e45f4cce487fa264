import { serve } from '#app/api/serve.ts'
import { getChecks } from '#lib/api/checks.ts'
import { listChecks } from '#lib/query/checks.ts'

export const GET = serve(getChecks, ({ listener, query }) => listChecks(listener.id, query))
