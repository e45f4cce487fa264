import { expect, test } from 'vitest'
import { creditsOf, creditsPerMonth } from './cost.ts'

// From Snowflake's price list, for an XS warehouse that works 10 s and suspends after 60 s.
test.for([
  ['every extract', 28.4],
  ['hourly', 14.2],
  ['6-hourly', 2.4],
  ['daily', 0.6],
] as const)('%s costs %d credits a month', ([cadence, credits]) => {
  expect(creditsPerMonth(cadence, 10)).toBeCloseTo(credits, 1)
})

test('a daily load of a minute stays below one credit a month', () => {
  expect(creditsPerMonth('daily', 55)).toBeLessThanOrEqual(1)
})

test('each start costs at least a minute, and no work costs nothing', () => {
  expect(creditsOf(0)).toBe(0)
  expect(creditsOf(1)).toBeCloseTo(60 / 3600, 3)
  expect(creditsOf(60_000)).toBeCloseTo(120 / 3600, 6)
})
