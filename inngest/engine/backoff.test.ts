import { expect, test } from 'vitest'
import { HOUR, SECOND } from '#lib/core/clock.ts'
import { unreachableDelayMs, inngestBackoffMs } from './backoff.ts'

test('an app that is away is called every second at first, and at least every half minute', () => {
  expect([0, SECOND, 10 * SECOND, 50 * SECOND, HOUR].map(unreachableDelayMs)).toEqual([1_000, 1_000, 5_000, 25_000, 30_000])
})

test('the pauses between tries grow, and never beyond two hours and a half minute', () => {
  const pauses = Array.from({ length: 20 }, (_, attempt) => inngestBackoffMs(attempt))
  expect(pauses[0]).toBeGreaterThanOrEqual(15 * SECOND)
  expect(pauses[0]).toBeLessThan(45 * SECOND)
  expect(Math.max(...pauses)).toBeLessThanOrEqual(2 * HOUR + 30 * SECOND)
  expect(pauses[9]).toBeGreaterThan(pauses[4] ?? 0)
})
