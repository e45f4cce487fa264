import { once } from 'node:events'
import http from 'node:http'
import type { Inngest, InngestFunction } from 'inngest'
import { serve } from 'inngest/node'
import { isLoopback } from '#lib/core/loopback.ts'
import { registerFunctions } from '#scripts/register-functions.ts'

/**
 * Functions for the server in INNGEST_BASE_URL, which has to reach them at INNGEST_SERVE_ORIGIN. PORT is where they
 * listen, when that address leads through a tunnel.
 */
export interface Serving {
  /** Their address on this machine. */
  url: string
  close(): void
}

/** Listens, and tells the server which functions there are. */
export async function serveToServer(
  client: Inngest.Any,
  functions: InngestFunction.Any[],
  environment: NodeJS.ProcessEnv,
): Promise<Serving> {
  const origin = new URL(environment.INNGEST_SERVE_ORIGIN ?? 'http://127.0.0.1:3939')
  const port = Number(environment.PORT ?? (origin.port || 3939))
  const url = `http://127.0.0.1:${port}/api/inngest`
  const server = http.createServer(serve({ client, functions, serveOrigin: origin.origin }))
  // Elsewhere than on this machine only for a server that has to come from there, for example out of a container.
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
