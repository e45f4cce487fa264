import { serve } from '#app/api/serve.ts'
import { connections } from '#lib/accounts/status.ts'
import { getConnections } from '#lib/api/connections.ts'

export const GET = serve(getConnections, ({ listener }) => connections(listener))
