import http from 'node:http'
import { Inngest, type InngestFunction } from 'inngest'
import { serve } from 'inngest/node'

/** An app with functions, served by the unchanged SDK: what the engine is tested against. */

export const KEYS = {
  eventKey: 'e7'.repeat(16),
  signingKey: '5f'.repeat(32),
}

export interface Ports {
  app: number
  engine: number
}

export type MakeFunctions = (inngest: Inngest) => InngestFunction.Any[]

export function serveUrl(ports: Ports): string {
  return `http://127.0.0.1:${ports.app}/api/inngest`
}

/** @returns the client, and what closes the server */
export async function startApp(ports: Ports, makeFunctions: MakeFunctions) {
  const inngest = new Inngest({
    id: 'test',
    baseUrl: `http://127.0.0.1:${ports.engine}`,
    isDev: false,
    // Failures are part of the tests; their stack traces would bury what matters.
    logger: { info() {}, warn() {}, error() {}, debug() {} },
    ...KEYS,
  })
  const server = http.createServer(serve({ client: inngest, functions: makeFunctions(inngest) }))
  await new Promise<void>((resolve) => server.listen(ports.app, '127.0.0.1', resolve))
  return {
    inngest,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
