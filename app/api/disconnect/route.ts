import { serve } from '#app/api/serve.ts'
import { disconnect } from '#lib/accounts/disconnect.ts'
import { connections } from '#lib/accounts/status.ts'
import { disconnectSpotify } from '#lib/api/connections.ts'

export const POST = serve(disconnectSpotify, async ({ listener }) => {
  await disconnect(listener.id)
  return connections(listener)
})
