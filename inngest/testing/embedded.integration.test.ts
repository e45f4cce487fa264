import { afterAll, beforeAll } from 'vitest'
import { type EngineHarness, startEngineHarness } from '#inngest/engine/testing/harness.ts'
import { MINUTE } from '#lib/core/clock.ts'
import { contractFunctions, testContract } from './contract.ts'

/** The embedded engine keeps what our functions rely on. */

let bed: EngineHarness
let ahead = 0

beforeAll(async () => {
  bed = await startEngineHarness(contractFunctions, { clock: () => new Date(Date.now() + ahead) })
})

afterAll(() => bed.close())

testContract(() => ({
  send: (events) => bed.send(events),
  newMinute: async () => {
    ahead += MINUTE
  },
  patienceMs: MINUTE,
}))
