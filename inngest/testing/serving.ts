import { once } from 'node:events'
import http from 'node:http'
import type { Inngest, InngestFunction } from 'inngest'
import { serve } from 'inngest/node'
import { isLoopback } from '#lib/core/loopback.ts'
import { registerFunctions } from '#scripts/register-functions.ts'

/**
 * Functions that are served to the server in INNGEST_BASE_URL, which has to reach them at INNGEST_SERVE_ORIGIN. Set PORT
 * to the local port when that address is a tunnel.
 */
export interface Serving {
  /** Their address on this machine. */
  url: string
  close(): void
}

/** Serves the functions and registers them with the server. */
export async function serveToServer(
  client: Inngest.Any,
  functions: InngestFunction.Any[],
  environment: NodeJS.ProcessEnv,
): Promise<Serving> {
  const origin = new URL(environment.INNGEST_SERVE_ORIGIN ?? 'http://127.0.0.1:3939')
  const port = Number(environment.PORT ?? (origin.port || 3939))
  const url = `http://127.0.0.1:${port}/api/inngest`
  const server = http.createServer(serve({ client, functions, serveOrigin: origin.origin }))
  // Listens beyond the loopback address only for a server that comes from elsewhere, for example a container.
  const host = isLoopback(origin.hostname) ? origin.hostname.replace(/^\[(.*)\]$/, '$1') : undefined
  server.listen(port, host)
  await once(server, 'listening')
  await registerFunctions(url, environment.INNGEST_SIGNING_KEY ?? '')
  return {
    url,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
