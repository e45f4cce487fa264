import { serve } from '#app/api/serve.ts'
import { getRunsProgress } from '#lib/api/runs.ts'
import { runsProgress } from '#lib/runs/run-responses.ts'

export const GET = serve(getRunsProgress, ({ listener, query }) => runsProgress(listener, query.ids))
