import http from 'node:http'
import { Inngest } from 'inngest'
import { serve } from 'inngest/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MINUTE, pause } from '../../lib/clock.ts'
import { registerFunctions } from '../../scripts/register-functions.ts'
import { contractFunctions, testContract } from './contract.ts'

/**
 * The server in INNGEST_BASE_URL keeps what our functions rely on. It has to reach this test at INNGEST_SERVE_ORIGIN;
 * PORT is where the test listens, when that address leads through a tunnel.
 */

const origin = new URL(process.env.INNGEST_SERVE_ORIGIN ?? 'http://127.0.0.1:3939')
const port = Number(process.env.PORT ?? (origin.port || 3939))
const signingKey = process.env.INNGEST_SIGNING_KEY ?? ''

// Failures are part of the proofs; their stack traces would bury what matters.
const logger = { info() {}, warn() {}, error() {}, debug() {} }
const inngest = new Inngest({ id: 'tracklake-contract', isDev: false, logger })
const server = http.createServer(
  serve({ client: inngest, functions: contractFunctions(inngest), serveOrigin: origin.origin }),
)
const local = `http://127.0.0.1:${port}/api/inngest`

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(port, resolve))
  await registerFunctions(local, signingKey)
})

afterAll(() => {
  server.close()
  server.closeAllConnections()
})

test('the app takes no call that is not signed', async () => {
  const body = JSON.stringify({ event: { name: 'contract/plain', data: {} }, events: [], steps: {}, ctx: null })
  const answer = await fetch(`${local}?fnId=tracklake-contract-plain&stepId=step`, { method: 'POST', body })
  expect(answer.status).toBe(401)
})

testContract(() => ({
  send: (events) => inngest.send(events),
  newMinute: () => pause(MINUTE - (Date.now() % MINUTE)),
  // Inngest waits up to 45 s before the second try.
  patienceMs: 4 * MINUTE,
}))
