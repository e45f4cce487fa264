import { afterAll, beforeAll } from 'vitest'
import { MINUTE } from '../../lib/clock.ts'
import { type Bed, runningBed } from '../engine/testing/bed.ts'
import { contractFunctions, testContract } from './contract.ts'

/** The embedded engine keeps what our functions rely on. */

let bed: Bed
let ahead = 0

beforeAll(async () => {
  bed = await runningBed(contractFunctions, { clock: () => new Date(Date.now() + ahead) })
})

afterAll(() => bed.close())

testContract(() => ({
  send: (events) => bed.send(events),
  newMinute: async () => {
    ahead += MINUTE
  },
  patienceMs: MINUTE,
}))
