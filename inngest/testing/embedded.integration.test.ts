import { afterAll, beforeAll } from 'vitest'
import { type EngineHarness, startEngineHarness } from '#inngest/engine/testing/harness.ts'
import { MINUTE } from '#lib/core/clock.ts'
import { contractFunctions, testContract } from './contract.ts'

/** The embedded engine has every feature that our functions rely on. */

let harness: EngineHarness
let ahead = 0

beforeAll(async () => {
  harness = await startEngineHarness(contractFunctions, { clock: () => new Date(Date.now() + ahead) })
})

afterAll(() => harness.close())

testContract(() => ({
  send: (events) => harness.send(events),
  newMinute: async () => {
    ahead += MINUTE
  },
  timeoutMs: MINUTE,
}))
