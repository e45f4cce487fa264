import { serve } from '#app/api/serve.ts'
import { getAdminRuns } from '#lib/api/admin.ts'
import { listRuns, runFilter } from '#lib/runs/run-responses.ts'

export const GET = serve(getAdminRuns, ({ query: { listener, state, ...page } }) =>
  listRuns(runFilter({ listener, state }), page),
)
