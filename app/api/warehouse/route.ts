import { serve } from '#app/api/serve.ts'
import { requestLoads } from '#inngest/events.ts'
import { disconnectWarehouse, getWarehouse, saveWarehouse } from '#lib/api/warehouse.ts'
import { disconnectSnowflake } from '#lib/load/connection/change.ts'
import { saveSnowflake } from '#lib/load/connection/connect.ts'
import { snowflakeStatus } from '#lib/load/connection/status.ts'

export const GET = serve(getWarehouse, ({ listener }) => snowflakeStatus(listener.id))

/** "Save": checks the connection, then saves it and starts loading. */
export const PUT = serve(saveWarehouse, async ({ listener, body }) => {
  const { connectionId, ...checked } = await saveSnowflake(listener.id, body)
  if (connectionId) await requestLoads([connectionId])
  return checked
})

/** "Disconnect Snowflake": loaded tables stay. */
export const DELETE = serve(disconnectWarehouse, async ({ listener }) => {
  await disconnectSnowflake(listener.id)
  return snowflakeStatus(listener.id)
})
