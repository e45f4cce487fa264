import { expect, test } from 'vitest'
import { HOUR, SECOND } from '#lib/core/clock.ts'
import { inngestBackoffMs, unreachableDelayMs } from './backoff.ts'

test('an unreachable app is called every second at first, and at least every 30 seconds', () => {
  expect([0, SECOND, 10 * SECOND, 50 * SECOND, HOUR].map(unreachableDelayMs)).toEqual([
    1_000, 1_000, 5_000, 25_000, 30_000,
  ])
})

test('delays between attempts grow up to two hours and 30 seconds', () => {
  const delays = Array.from({ length: 20 }, (_, attempt) => inngestBackoffMs(attempt))
  expect(delays[0]).toBeGreaterThanOrEqual(15 * SECOND)
  expect(delays[0]).toBeLessThan(45 * SECOND)
  expect(Math.max(...delays)).toBeLessThanOrEqual(2 * HOUR + 30 * SECOND)
  expect(delays[9]).toBeGreaterThan(delays[4] ?? 0)
})
