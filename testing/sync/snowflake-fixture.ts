import { test as base } from './fixture.ts'
import { startSnowflakeHarness } from './snowflake-harness.ts'

/** The tests of fixture.ts with a Snowflake test server, which the file shares too. */
export const test = base.extend('harness', { scope: 'file', auto: true }, async ({ options }, { onCleanup }) => {
  const harness = await startSnowflakeHarness(options[0])
  onCleanup(() => harness.stop())
  return harness
})
