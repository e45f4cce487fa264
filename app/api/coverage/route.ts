import { serve } from '#app/api/serve.ts'
import { getCoverage } from '#lib/api/coverage.ts'
import { coverageOf } from '#lib/query/coverage/coverage.ts'

export const GET = serve(getCoverage, ({ listener, query }) => coverageOf(listener.id, query))
