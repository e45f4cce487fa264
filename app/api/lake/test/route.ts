import { serve } from '#app/api/serve.ts'
import { getLakeCheckProgress, testLake } from '#lib/api/lake.ts'
import * as lake from '#lib/lake/connection.ts'

/** The progress of a running check. */
export const GET = serve(getLakeCheckProgress, async ({ listener }) => lake.checkProgress(listener.id))

/** "Test" */
export const POST = serve(testLake, ({ listener, body }) => lake.testLake(listener, body))
