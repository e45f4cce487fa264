import { afterAll, expect, inject, test } from 'vitest'
import { checkConnection } from '#lib/warehouse/snowflake/check/check.ts'
import { CHECKS } from '#lib/warehouse/snowflake/connection.ts'
import { dropLiveTables, liveOptions } from './live.ts'

// Only a real account can prove this.
const options = liveOptions(inject('liveSnowflake'))

afterAll(() => dropLiveTables(options))

test('the real account passes every check', async () => {
  await dropLiveTables(options)
  const checks = await checkConnection(options)
  expect(checks.map(({ name }) => name)).toEqual([...CHECKS])
  // Advice is fine: it is about cost and optional roles.
  expect(checks.filter(({ state }) => state === 'failed' || state === 'not reached')).toEqual([])
})
