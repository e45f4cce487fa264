import { serve } from '#app/api/serve.ts'
import { getRunProgress } from '#lib/api/runs.ts'
import { runProgress } from '#lib/runs/run-responses.ts'

export const GET = serve(getRunProgress, ({ listener, params }) => runProgress(listener, params.id))
