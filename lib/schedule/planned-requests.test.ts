import { expect, test } from 'vitest'
import { runsPerDay } from './planned-requests.ts'

const chosen = (kind: Parameters<typeof runsPerDay>[1]['kind'], fromHour = 6, toHour = 24) => ({
  kind,
  fromHour,
  toHour,
})

test('runs per day follow the schedule', () => {
  expect(runsPerDay('recently played', chosen(null))).toBe(39)
  expect(runsPerDay('recently played', chosen('every_15', 8, 20))).toBe(48 + 6)
  // Waking hours past midnight.
  expect(runsPerDay('recently played', chosen('every_30', 20, 4))).toBe(16 + 8)
  expect(runsPerDay('library', chosen('every_30', 8, 20))).toBe(24)
  expect(runsPerDay('library', chosen(null))).toBe(1)
  expect(runsPerDay('library', chosen('hourly'))).toBe(24)
  expect(runsPerDay('library', chosen('weekly'))).toBeCloseTo(1 / 7)
  expect(runsPerDay('library', chosen('off'))).toBe(0)
})
