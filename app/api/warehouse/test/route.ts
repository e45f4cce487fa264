import { serve } from '#app/api/serve.ts'
import { testWarehouse } from '#lib/api/warehouse.ts'
import { testSnowflake } from '#lib/load/connection/connect.ts'

/** "Test connection" */
export const POST = serve(testWarehouse, ({ listener, body }) => testSnowflake(listener.id, body))
