import { test as base } from 'vitest'
import { NOON, type SignedIn, startHarness } from './harness.ts'

/** The listener of one test. */
export interface TestListener extends SignedIn {
  name: string
}

let listeners = 0

/**
 * Tests with a harness, which the file shares, and a signed-in listener of their own. A file overrides `options` to set
 * environment variables or the rate limit of the simulated Spotify: `test.override('options', [{ PLAN_EVERY: '5m' }])`.
 */
export const test = base
  .extend('options', { scope: 'file' }, [] as Parameters<typeof startHarness>)
  .extend('harness', { scope: 'file', auto: true }, async ({ options }, { onCleanup }) => {
    const harness = await startHarness(...options)
    onCleanup(() => harness.stop())
    return harness
  })
  .extend('listener', async ({ harness }): Promise<TestListener> => {
    await harness.setTime(NOON)
    const name = `load-${++listeners}`
    return { name, ...(await harness.signIn(name)) }
  })
