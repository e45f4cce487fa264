import { expect, test } from 'vitest'
import { HOUR } from '#lib/core/clock.ts'
import { type HourCount, paceOf, spentAt } from './forecast.ts'

const NOW = new Date('2026-10-14T12:30:00.000Z')
const at = (hoursAgo: number) => new Date(Date.parse('2026-10-14T12:00:00.000Z') - hoursAgo * HOUR)
const inHours = (instant: Date | null) => (instant ? (instant.getTime() - NOW.getTime()) / HOUR : null)

/** The same number of requests in each of the last hours. */
function steady(hours: number, requests: number): HourCount[] {
  return Array.from({ length: hours }, (_, index) => ({ hour: at(index), requests }))
}

test('the pace is the average of the last hours', () => {
  expect(paceOf([], NOW)).toBe(0)
  expect(paceOf([{ hour: at(10), requests: 900 }], NOW)).toBe(0)
  expect(paceOf(steady(24, 35), NOW)).toBeCloseTo(40) // 4 counts in 3.5 hours
})

test('a pace that fits into a day never reaches the limit, a faster one does', () => {
  expect(spentAt(steady(24, 20), 600, NOW)).toBeNull()
  expect(spentAt([], 600, NOW)).toBeNull()
  const burst = [{ hour: at(0), requests: 300 }]
  // 100 requests per hour, three hours left.
  expect(inHours(spentAt(burst, 600, NOW))).toBe(3)
  expect(inHours(spentAt([{ hour: at(5), requests: 700 }], 600, NOW))).toBe(0)
})

test('requests that no longer count make room', () => {
  const yesterday = { hour: at(23), requests: 500 }
  const now = { hour: at(0), requests: 60 }
  // 20 an hour: 560 become 600 in two hours, but an hour and a half from now 500 of them no longer count.
  expect(spentAt([yesterday, now], 600, NOW)).toBeNull()
  expect(inHours(spentAt([yesterday, now], 580, NOW))).toBe(1)
})
