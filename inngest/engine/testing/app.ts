import { randomInt } from 'node:crypto'
import http from 'node:http'
import { createServer } from 'node:net'
import { Inngest, type InngestFunction } from 'inngest'
import { serve } from 'inngest/node'

/** An app that serves functions with the unchanged SDK, for testing the engine. */

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

/** @returns the client, and a function that closes the server */
export async function startApp(ports: Ports, makeFunctions: MakeFunctions) {
  const inngest = new Inngest({
    id: 'test',
    baseUrl: `http://127.0.0.1:${ports.engine}`,
    isDev: false,
    // Failures are part of the tests; their stack traces would hide what matters.
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

/** Below the ports of outgoing connections: one of those could take a port before its server does. */
const MIN_PORT = 10_000
const MAX_PORT = 32_000
const ATTEMPTS = 100
/** Processes side by side get different ranges: another one could take a port between its check and its use. */
const RANGES = 8
const RANGE = Math.floor((MAX_PORT - MIN_PORT) / RANGES)
const FIRST_PORT = MIN_PORT + (process.pid % RANGES) * RANGE

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

async function pick(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST_PORT + randomInt(RANGE)
    if (await isFree(port)) return port
  }
  throw new Error(`none of ${ATTEMPTS} ports is free`)
}

/** Finds ports that nothing listens on right now. */
export async function freePorts(): Promise<Ports> {
  return { app: await pick(), engine: await pick() }
}
