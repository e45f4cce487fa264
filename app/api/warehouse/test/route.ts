import { serve } from '#app/api/serve.ts'
import { getCheckProgress, testWarehouse } from '#lib/api/warehouse.ts'
import { checkProgress, testSnowflake } from '#lib/load/connection/connect.ts'

/** The progress of a running check. */
export const GET = serve(getCheckProgress, async ({ listener }) => checkProgress(listener.id))

/** "Test connection" */
export const POST = serve(testWarehouse, ({ listener, body }) => testSnowflake(listener.id, body))
