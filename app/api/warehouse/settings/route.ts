import { serve } from '#app/api/serve.ts'
import { changeWarehouse } from '#lib/api/warehouse.ts'
import { changeSnowflake } from '#lib/load/connection/change.ts'
import { snowflakeStatus } from '#lib/load/connection/status.ts'

export const PUT = serve(changeWarehouse, async ({ listener, body }) => {
  await changeSnowflake(listener.id, body)
  return snowflakeStatus(listener.id)
})
