import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import type { Ports } from './app.ts'

/** Below the ports that systems hand out to outgoing connections: one of those could take a port before its server does. */
const LOWEST = 10_000
const HIGHEST = 32_000
const TRIES = 100

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

async function pick(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(LOWEST, HIGHEST)
    if (await isFree(port)) return port
  }
  throw new Error(`none of ${TRIES} ports is free`)
}

/** Ports that nobody listens on right now. */
export async function freePorts(): Promise<Ports> {
  return { app: await pick(), engine: await pick() }
}
