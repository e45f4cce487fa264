import { serve } from '#app/api/serve.ts'
import { getRun } from '#lib/api/runs.ts'
import { runDetail } from '#lib/runs/run-responses.ts'

export const GET = serve(getRun, ({ listener, params }) => runDetail(listener, params.id))
