import { Inngest } from 'inngest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MINUTE, pause } from '#lib/core/clock.ts'
import { contractFunctions, testContract } from './contract.ts'
import { type Serving, serveToServer } from './serving.ts'

/** The server in INNGEST_BASE_URL has every feature that our functions rely on. */

// Failures are part of the tests; their stack traces would hide what matters.
const logger = { info() {}, warn() {}, error() {}, debug() {} }
const inngest = new Inngest({ id: 'tracklake-contract', isDev: false, logger })
let serving: Serving

beforeAll(async () => {
  serving = await serveToServer(inngest, contractFunctions(inngest), process.env)
})

afterAll(() => serving.close())

test('the app refuses unsigned calls', async () => {
  const body = JSON.stringify({ event: { name: 'contract/plain', data: {} }, events: [], steps: {}, ctx: null })
  const response = await fetch(`${serving.url}?fnId=tracklake-contract-plain&stepId=step`, { method: 'POST', body })
  expect(response.status).toBe(401)
})

testContract(() => ({
  send: (events) => inngest.send(events),
  newMinute: () => pause(MINUTE - (Date.now() % MINUTE)),
  // Inngest waits up to 45 s before the second attempt.
  timeoutMs: 4 * MINUTE,
}))
