import { expect, test } from 'vitest'
import { HOUR } from '#lib/core/clock.ts'
import { fits, type HourCount, spentAt } from './forecast.ts'

const NOW = new Date('2026-10-14T12:30:00.000Z')
const at = (hoursAgo: number) => new Date(Date.parse('2026-10-14T12:00:00.000Z') - hoursAgo * HOUR)
const inHours = (instant: Date | null) => (instant ? (instant.getTime() - NOW.getTime()) / HOUR : null)

/** The same number of requests in each of the last hours. */
function steady(hours: number, requests: number): HourCount[] {
  return Array.from({ length: hours }, (_, index) => ({ hour: at(index), requests }))
}

test('a schedule that fits is never forecast to reach the limit by itself', () => {
  expect(fits(582, 600)).toBe(true)
  expect(spentAt([], { planned: 582, limit: 600 }, NOW)).toBeNull()
  expect(spentAt(steady(24, 20), { planned: 480, limit: 600 }, NOW)).toBeNull()
})

test('a schedule that does not fit reaches the limit within a day, whatever was used before', () => {
  for (const [planned, limit] of [
    [583, 600],
    [600, 600],
    [2_000, 600],
    [1, 1],
    [39, 20],
  ] as const) {
    expect([planned, fits(planned, limit)]).toEqual([planned, false])
    expect([planned, spentAt([], { planned, limit }, NOW)]).not.toEqual([planned, null])
  }
})

test('a burst, such as a first sync, is not expected to go on', () => {
  expect(spentAt([{ hour: at(0), requests: 300 }], { planned: 48, limit: 600 }, NOW)).toBeNull()
})

test('with what was used today, the schedule can reach the limit', () => {
  // 20 requests an hour; 542 and 40 are 582.
  expect(inHours(spentAt([{ hour: at(3), requests: 542 }], { planned: 480, limit: 600 }, NOW))).toBe(2.25)
  expect(inHours(spentAt([{ hour: at(5), requests: 700 }], { planned: 0, limit: 600 }, NOW))).toBe(0)
})

test('requests that no longer count make room', () => {
  const yesterday = { hour: at(23), requests: 500 }
  const now = { hour: at(0), requests: 60 }
  // 20 an hour: an hour and a half from now the 500 of yesterday no longer count.
  expect(spentAt([yesterday, now], { planned: 480, limit: 620 }, NOW)).toBeNull()
  expect(inHours(spentAt([yesterday, now], { planned: 480, limit: 580 }, NOW))).toBe(0.25)
})
